-- Event time of the first row of a raw table.
SELECT min(event_time) AS event_time, count() AS rows
FROM {table:Identifier}
