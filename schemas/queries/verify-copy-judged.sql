-- Copies the rows that the verdicts on one stream rest on: per pane those below the end offsets it names, and in the
-- window itself those in the ranges that its verdict names. Rows that came later are left behind.
INSERT INTO {table:Identifier}
SELECT _own.*
FROM
(
    SELECT *
    FROM {source:Identifier}.{table:Identifier} FINAL
    WHERE event_time < {until:DateTime64(3, 'UTC')}
) AS _own
INNER JOIN
(
    SELECT pane_start AS _pane, any(partitions) AS _partitions, any(end_offsets) AS _ends
    FROM {source:Identifier}.pane_revisions FINAL
    WHERE model = {model:String} AND stream = {stream:String} AND pane_start < {from:DateTime64(3, 'UTC')}
    GROUP BY pane_start
    UNION ALL
    SELECT {from:DateTime64(3, 'UTC')}, {partitions:Array(Int32)}, {end_offsets:Array(Int64)}
) AS _judged
    ON toDateTime64(toStartOfInterval(_own.event_time, toIntervalSecond({pane_seconds:UInt32})), 3, 'UTC') = _judged._pane
WHERE _own._offset < _judged._ends[indexOf(_judged._partitions, _own._partition)]
