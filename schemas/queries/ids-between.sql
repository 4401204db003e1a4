-- Example ids of a range of event time.
SELECT _id AS id
FROM
(
    SELECT DISTINCT {id:Identifier} AS _id
    FROM {table:Identifier}
    WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
)
