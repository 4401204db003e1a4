-- Rows and offset ranges behind each pane of a range of event time, once per set of bins; written after the panes.
-- A joined pane counts the rows of the other side too, so that late ones on either side show, and names their offsets.
INSERT INTO pane_revisions
    (model, stream, bins_id, pane_start, revision, pane_end, rows, own_rows, partitions, first_offsets, end_offsets,
     joined_partitions, joined_first_offsets, joined_end_offsets, version, watermark)
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
    {model:String},
    {stream:String},
    arrayJoin({bins_ids:Array(String)}),
    _pane,
    {revision:UInt32},
    _pane + toIntervalSecond({pane_seconds:UInt32}),
    sum(_c) + _joined.1,
    sum(_c),
    groupArray(_partition),
    groupArray(_lo),
    groupArray(_hi + 1),
    _joined.2,
    _joined.3,
    _joined.4,
    {version:String},
    {watermark:DateTime64(3, 'UTC')}
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
        AND (empty({partitions:Array(Int32)}) OR (
            has({partitions:Array(Int32)}, _partition)
            AND _offset >= {first_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, _partition)]
            AND _offset < {end_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, _partition)]))
    GROUP BY _pane, _partition
    ORDER BY _pane, _partition
)
GROUP BY _pane
HAVING /* INCLUDE fence */
