-- Estimated log-loss per day and model version: the mean of the windows' newest answers, weighted by their rows. The
-- band is that of the windows taken as independent.
WITH newest AS
(
    SELECT window_start, version, verdict, value, n, detail
    FROM verdicts FINAL
    WHERE model = {model:String} AND statistic = 'estimated-log-loss' AND segment = ''
        AND window_start >= {from:DateTime64(3, 'UTC')} AND window_start < {until:DateTime64(3, 'UTC')}
    ORDER BY revision DESC
    LIMIT 1 BY window_start
),
days AS
(
    SELECT
        toStartOfDay(window_start) AS day,
        version,
        sum(n) AS rows,
        sum(n * assumeNotNull(value)) / sum(n) AS loss,
        sqrt(sum(pow(n * (JSONExtractFloat(detail, 'high') - JSONExtractFloat(detail, 'low')) / 2, 2))) / sum(n) AS half
    FROM newest
    WHERE verdict = 'ok' AND isNotNull(value)
    GROUP BY day, version
)
SELECT day, version, rows, loss, loss - half AS low, loss + half AS high
FROM days
ORDER BY day, version
LIMIT 10000
