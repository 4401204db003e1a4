-- How far the outbox of these topics has been numbered.
SELECT max(sequence) AS sequence
FROM outbox
WHERE topic IN {topics:Array(String)}
