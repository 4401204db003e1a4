-- Rows that were served per hour of event time: at least as many as there are once repeated ones are taken away.
SELECT toStartOfHour(event_time) AS hour, count() AS rows
FROM {serving:Identifier}
WHERE event_time >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND event_time < fromUnixTimestamp64Milli({until_ms:Int64}, 'UTC')
GROUP BY hour
ORDER BY hour
