-- Newest prediction of every example of a range of event time with its features, and whether its label has come: a
-- sample of at most {most} that depends on the ids alone. One of the lists number and classes has an entry: p is one number,
-- or the probability of every class.
SELECT id, p, numbers, texts, labelled
FROM
(
    SELECT toString(s._k) AS id, s._p AS p, s._numbers AS numbers, s._texts AS texts, l._there AS labelled
    FROM
    (
        SELECT
            {id:Identifier} AS _k,
            /* EACH number  */ toFloat64({prediction:Identifier}) AS _p, /* END */
            /* EACH classes  */ {probabilities:Identifier} AS _p, /* END */
            CAST([/* EACH numeric , */ ifNull(toFloat64({feature:Identifier}), nan) /* END */], 'Array(Float64)') AS _numbers,
            CAST([/* EACH category , */ ifNull(toString({field:Identifier}), '') /* END */], 'Array(String)') AS _texts
        FROM {serving:Identifier} FINAL
        WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        ORDER BY event_time DESC, _partition, _offset DESC
        LIMIT 1 BY _k
    ) AS s
    LEFT JOIN
    (
        SELECT DISTINCT {id:Identifier} AS _k, true AS _there
        FROM {labels:Identifier} FINAL
        WHERE event_time >= {from:DateTime64(3, 'UTC')}
    ) AS l ON s._k = l._k
)
WHERE {labelled_too:Bool} OR NOT labelled
ORDER BY sipHash64(id), id
LIMIT {most:UInt32}
