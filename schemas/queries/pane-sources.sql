-- Rows and offset ranges behind each pane of a range of event time. A joined pane counts the rows of the other side
-- too, so that late ones on either side show, and names their offsets.
WITH
(
    SELECT (sum(_c), groupArray(_partition), groupArray(_lo), groupArray(_hi + 1))
    FROM
    (
        SELECT _partition, count() AS _c, min(_offset) AS _lo, max(_offset) AS _hi
        FROM {also:Identifier} FINAL
        WHERE event_time >= {also_from:DateTime64(3, 'UTC')} AND event_time < {also_until:DateTime64(3, 'UTC')}
        GROUP BY _partition
        ORDER BY _partition
    )
) AS _joined
SELECT
    _pane AS pane_start,
    sum(_c) AS own_rows,
    own_rows + _joined.1 AS rows,
    groupArray(_partition) AS partitions,
    groupArray(_lo) AS first_offsets,
    groupArray(_hi + 1) AS end_offsets,
    _joined.2 AS joined_partitions,
    _joined.3 AS joined_first_offsets,
    _joined.4 AS joined_end_offsets
FROM
(
    SELECT
        toDateTime64(toStartOfInterval(event_time, toIntervalSecond({pane_seconds:UInt32})), 3, 'UTC') AS _pane,
        _partition,
        count() AS _c,
        min(_offset) AS _lo,
        max(_offset) AS _hi
    FROM {table:Identifier} FINAL
    WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        AND /* INCLUDE offset-ranges */
    GROUP BY _pane, _partition
    ORDER BY _pane, _partition
)
GROUP BY _pane
