-- Which of these events are in the outbox already.
SELECT DISTINCT event_id
FROM outbox
WHERE topic IN {topics:Array(String)} AND event_id IN {ids:Array(UUID)}
