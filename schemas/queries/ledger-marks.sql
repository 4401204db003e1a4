-- How far every partition of some topics has been taken in, whoever does it.
SELECT topic, partition, argMax(floor, version) AS floor, argMax(max_event_time, version) AS max_event_time
FROM ledger
WHERE has({topics:Array(String)}, topic)
GROUP BY topic, partition
ORDER BY topic, partition
