-- Hours of event time that rows of a range of offsets fall into.
SELECT DISTINCT toDateTime64(toStartOfHour(event_time), 3, 'UTC') AS hour
FROM {table:Identifier}
WHERE _partition = {partition:Int32} AND _offset >= {from:Int64} AND _offset < {until:Int64}
ORDER BY hour
