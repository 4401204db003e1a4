-- Deduplicated rows per pane of a raw table: what the panes must have been computed from.
SELECT _pane AS pane_start, _rows AS rows
FROM
(
    SELECT
        toDateTime64(toStartOfInterval(event_time, toIntervalSecond({pane_seconds:UInt32})), 3, 'UTC') AS _pane,
        uniqExact(_partition, _offset) AS _rows
    FROM {table:Identifier}
    GROUP BY _pane
    ORDER BY _pane
)
