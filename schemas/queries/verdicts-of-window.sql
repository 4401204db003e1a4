-- What was said last about one window, and what was said before that.
SELECT kind, statistic, feature, segment, verdict, value, effect, effect_unit, n, p_value, m, rows, reference_id,
    version, detail, revision
FROM verdicts FINAL
WHERE model = {model:String} AND window_start = parseDateTime64BestEffort({window_start:String}, 3, 'UTC')
ORDER BY revision DESC
LIMIT 2 BY kind, statistic, feature, segment
