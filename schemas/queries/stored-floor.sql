-- Sum over partitions of the offsets accounted for.
SELECT sum(floor) AS floor
FROM ledger FINAL
WHERE topic = {topic:String}
