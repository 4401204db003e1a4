-- Deduplicated rows per pane of a raw table: what the panes must have been computed from.
SELECT
    toDateTime64(toStartOfInterval(event_time, toIntervalSecond({pane_seconds:UInt32})), 3, 'UTC') AS pane_start,
    uniqExact(_partition, _offset) AS rows
FROM {table:Identifier}
GROUP BY pane_start
ORDER BY pane_start
