-- The accounting line per topic. Reads the offsets of all rows: the dashboard asks for it every few seconds at most.
SELECT topic, sum(consumed) AS consumed, sum(stored) AS stored, sum(dead_letters) AS dead_letters,
    sum(tombstones) AS tombstones, sum(unexplained) AS unexplained
FROM accounting
GROUP BY topic
ORDER BY topic
