-- Newest marked offset per partition: the read-back begins after it.
SELECT partition, max(offset) AS last
FROM outbox_marks
WHERE topic = {topic:String}
GROUP BY partition
