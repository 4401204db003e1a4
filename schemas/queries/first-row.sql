-- Event time of the first row of a raw table.
SELECT _first AS event_time, _rows AS rows
FROM
(
    SELECT min(event_time) AS _first, count() AS _rows
    FROM {table:Identifier}
)
