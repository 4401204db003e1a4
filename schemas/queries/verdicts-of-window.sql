-- What was said last about one window.
SELECT kind, statistic, feature, segment, verdict, value, effect, n, JSONExtractString(detail, 'evidence') AS evidence, revision
FROM verdicts FINAL
WHERE model = {model:String} AND window_start = parseDateTime64BestEffort({window_start:String}, 3, 'UTC')
ORDER BY revision DESC
LIMIT 1 BY kind, statistic, feature, segment
