-- Newest revision of one answer.
SELECT max(revision) AS revision
FROM verdicts
WHERE model = {model:String} AND kind = {kind:String} AND window_start = parseDateTime64BestEffort({window_start:String}, 3, 'UTC')
    AND feature = {feature:String} AND segment = {segment:String} AND statistic = {statistic:String}
