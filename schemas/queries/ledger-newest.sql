SELECT epoch, floor, consumed, toUnixTimestamp64Milli(max_event_time) AS max_event_time_ms
FROM ledger
WHERE topic = {topic:String} AND partition = {partition:Int32}
ORDER BY version DESC
LIMIT 1
