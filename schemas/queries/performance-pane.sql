-- Labels of one pane of label time, joined to the newest prediction of the same example, per segment.
INSERT INTO performance_panes
    (model, pane_start, revision, segment, n, unmatched, positives, loss, loss_squares, brier, predicted, errors)
SELECT
    {model:String} AS model,
    {from:DateTime64(3, 'UTC')} AS pane_start,
    {revision:UInt32} AS revision,
    segment,
    countIf(matched) AS n,
    countIf(NOT matched) AS unmatched,
    countIf(matched AND y = 1) AS positives,
    sumIf(row_loss, matched) AS loss,
    sumIf(row_loss * row_loss, matched) AS loss_squares,
    sumIf((p - y) * (p - y), matched) AS brier,
    sumIf(p, matched) AS predicted,
    countIf(matched AND (p >= 0.5) != (y = 1)) AS errors
FROM
(
    SELECT
        s._present AS matched,
        toFloat64(l._y) AS y,
        greatest(least(s._p, 1 - 1e-15), 1e-15) AS p,
        if(l._y = 1, -log(p), -log(1 - p)) AS row_loss,
        arrayJoin(if(matched, s._segments, [''])) AS segment
    FROM
    (
        SELECT {id:Identifier} AS _k, {label:Identifier} AS _y
        FROM {labels:Identifier} FINAL
        WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        ORDER BY event_time DESC, _partition, _offset DESC
        LIMIT 1 BY _k
    ) AS l
    LEFT JOIN
    (
        SELECT
            {id:Identifier} AS _k,
            toFloat64({prediction:Identifier}) AS _p,
            ['' /* EACH segment   */, concat({segment_name:String}, '=', ifNull(toString({segment:Identifier}), 'null')) /* END */] AS _segments,
            true AS _present
        FROM {serving:Identifier} FINAL
        WHERE event_time >= {since:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        ORDER BY event_time DESC, _partition, _offset DESC
        LIMIT 1 BY _k
    ) AS s ON l._k = s._k
)
GROUP BY segment
