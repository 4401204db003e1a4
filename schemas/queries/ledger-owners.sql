SELECT partition, argMax(epoch, version) AS epoch, argMax(owner, version) AS owner
FROM ledger
WHERE topic = {topic:String}
GROUP BY partition
ORDER BY partition
