-- First answers of a version from an event time on, oldest first: what shows that a share of the ids is in force.
SELECT toString({id:Identifier}) AS id, event_time
FROM {serving:Identifier} FINAL
WHERE event_time >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC') AND {version:Identifier} = {challenger:String}
ORDER BY event_time, _partition, _offset
LIMIT 500
