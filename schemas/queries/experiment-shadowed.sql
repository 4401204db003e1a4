-- Event time of the first example that a version scored unseen, from an event time on.
SELECT min(event_time) AS first, count() AS rows
FROM shadow_predictions
WHERE model = {model:String} AND version = {challenger:String}
    AND event_time >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
