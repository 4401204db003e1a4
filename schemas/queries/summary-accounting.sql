-- The accounting line over all partitions of some topics.
SELECT sum(consumed) AS consumed, sum(stored) AS stored, sum(dead_letters) AS dead_letters, sum(tombstones) AS tombstones,
    sum(unexplained) AS unexplained
FROM accounting
WHERE has({topics:Array(String)}, topic)
