-- Model version that answered most of the rows of a range of event time.
SELECT _version AS version, _rows AS rows
FROM
(
    SELECT {version:Identifier} AS _version, count() AS _rows
    FROM {table:Identifier} FINAL
    WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
    GROUP BY _version
    ORDER BY _rows DESC, _version
    LIMIT 1
)
