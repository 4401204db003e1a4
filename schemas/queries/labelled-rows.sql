-- Labels of a range of label time with the newest prediction of the same example by one model version, and its
-- features: a sample of at most {most} rows that depends on the ids alone.
SELECT p, y, numbers, texts
FROM
(
    SELECT s._k AS _key, s._p AS p, toFloat64(l._y) AS y, s._numbers AS numbers, s._texts AS texts
    FROM
    (
        SELECT {id:Identifier} AS _k, {label:Identifier} AS _y
        FROM {labels:Identifier} FINAL
        WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        ORDER BY event_time DESC, _partition, _offset DESC
        LIMIT 1 BY _k
    ) AS l
    INNER JOIN
    (
        SELECT
            {id:Identifier} AS _k,
            toFloat64({prediction:Identifier}) AS _p,
            CAST([/* EACH numeric , */ ifNull(toFloat64({feature:Identifier}), nan) /* END */], 'Array(Float64)') AS _numbers,
            CAST([/* EACH category , */ ifNull(toString({field:Identifier}), '') /* END */], 'Array(String)') AS _texts
        FROM {serving:Identifier} FINAL
        WHERE event_time >= {since:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
            AND {version:Identifier} = {wanted:String}
        ORDER BY event_time DESC, _partition, _offset DESC
        LIMIT 1 BY _k
    ) AS s ON l._k = s._k
)
ORDER BY sipHash64(_key), _key
LIMIT {most:UInt32}
