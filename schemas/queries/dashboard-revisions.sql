-- Every revision of one answer, in order.
SELECT revision, verdict_id, verdict, value, effect, n, stream_time
FROM verdicts FINAL
WHERE model = {model:String} AND kind = {kind:String} AND window_start = {window_start:DateTime64(3, 'UTC')}
    AND feature = {feature:String} AND segment = {segment:String} AND statistic = {statistic:String}
ORDER BY revision
LIMIT 100
