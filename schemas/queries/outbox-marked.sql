-- Whether an event is on its topic.
SELECT event_id
FROM outbox_marks
WHERE topic = {topic:String} AND event_id = {id:UUID}
LIMIT 1
