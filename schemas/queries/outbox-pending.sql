-- Events without a mark, in order of writing.
SELECT event_id, topic, key, type, event_time, body
FROM outbox FINAL
WHERE topic IN {topics:Array(String)}
  AND (topic, event_id) NOT IN (SELECT topic, event_id FROM outbox_marks WHERE topic IN {topics:Array(String)})
ORDER BY sequence
LIMIT 500
