-- Labels of one pane of label time, joined to the newest prediction of the same example, for one way to segment.
SELECT
    {model:String} AS model,
    {from:DateTime64(3, 'UTC')} AS pane_start,
    {revision:UInt32} AS revision,
    segment,
    countIf(matched) AS n,
    countIf(NOT matched) AS unmatched,
    countIf(matched AND y = 1) AS positives,
    sumIf(loss, matched) AS loss,
    sumIf(loss * loss, matched) AS loss_squares,
    sumIf((p - y) * (p - y), matched) AS brier,
    sumIf(p, matched) AS predicted,
    countIf(matched AND (p >= 0.5) != (y = 1)) AS errors
FROM
(
    SELECT
        s.present AS matched,
        toFloat64(l.y) AS y,
        greatest(least(s.p, 1 - 1e-15), 1e-15) AS p,
        if(l.y = 1, -log(p), -log(1 - p)) AS loss,
        if({segment_name:String} = '', '', concat({segment_name:String}, '=', if(matched, s.seg, 'unmatched'))) AS segment
    FROM
    (
        SELECT {id:Identifier} AS k, {label:Identifier} AS y
        FROM {labels:Identifier} FINAL
        WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        ORDER BY event_time DESC, _partition, _offset DESC
        LIMIT 1 BY k
    ) AS l
    LEFT JOIN
    (
        SELECT
            {id:Identifier} AS k,
            toFloat64({prediction:Identifier}) AS p,
            ifNull(toString({segment:Identifier}), 'null') AS seg,
            true AS present
        FROM {serving:Identifier} FINAL
        WHERE event_time >= {since:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        ORDER BY event_time DESC, _partition, _offset DESC
        LIMIT 1 BY k
    ) AS s ON l.k = s.k
)
GROUP BY segment
