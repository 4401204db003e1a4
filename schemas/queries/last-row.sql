-- Event time of the last row of a raw table.
SELECT _last AS event_time, _rows AS rows
FROM
(
    SELECT max(event_time) AS _last, count() AS _rows
    FROM {table:Identifier}
)
