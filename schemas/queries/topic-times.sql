-- How far in event time each of some topics has been taken in: all its partitions, and the furthest one.
SELECT topic, min(_time) AS reached, max(_time) AS furthest
FROM
(
    SELECT topic, partition, argMax(max_event_time, version) AS _time
    FROM ledger
    WHERE has({topics:Array(String)}, topic)
    GROUP BY topic, partition
)
WHERE _time > toDateTime64(0, 3, 'UTC')
GROUP BY topic
