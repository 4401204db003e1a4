SELECT topic, partition, floor, consumed, stored, dead_letters, tombstones, unexplained
FROM accounting
WHERE empty({topics:Array(String)}) OR topic IN {topics:Array(String)}
ORDER BY topic, partition
