SELECT topic, partition, argMax(floor, version) AS floor
FROM ledger
WHERE topic IN {topics:Array(String)}
GROUP BY topic, partition
