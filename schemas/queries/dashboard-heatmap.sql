-- One answer per feature and day: the worst of its windows and statistics, where ok is the least. Effects are
-- shown as multiples of the floor that was configured; where none was (schema skew), as a share of one.
WITH newest AS
(
    SELECT feature, window_start, statistic, verdict, effect, effect_floor, n
    FROM verdicts FINAL
    WHERE model = {model:String} AND kind = {kind:String} AND segment = {segment:String}
        AND window_start >= {from:DateTime64(3, 'UTC')} AND window_start < {until:DateTime64(3, 'UTC')}
    ORDER BY revision DESC
    LIMIT 1 BY window_start, feature, statistic
)
SELECT
    feature,
    toStartOfDay(window_start) AS day,
    argMax(verdict, transform(verdict, ['drift', 'insufficient', 'no-reference'], [3, 2, 1], 0)) AS worst,
    maxIf(ifNull(effect, 0) / if(effect_floor > 0, effect_floor, 1), verdict = 'drift') AS times_floor,
    max(n) AS rows,
    count() AS answers
FROM newest
GROUP BY feature, day
ORDER BY feature, day
LIMIT 40000
