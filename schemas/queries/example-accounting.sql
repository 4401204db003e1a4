SELECT topic, partition, consumed, stored, dead_letters, tombstones, unexplained
FROM accounting
