-- Hours of event time that rows of a range of offsets fall into.
SELECT _hour AS hour
FROM
(
    SELECT DISTINCT toDateTime64(toStartOfHour(event_time), 3, 'UTC') AS _hour
    FROM {table:Identifier}
    WHERE _partition = {partition:Int32} AND _offset >= {from:Int64} AND _offset < {until:Int64}
    ORDER BY _hour
)
