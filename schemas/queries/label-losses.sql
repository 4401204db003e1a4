-- Log-loss per label of one pane, in label order: what a stream detector reads. Rounded as in performance-pane.sql, and
-- with the same lists; of a number without the constant that its unit decides, so that an error of one standard deviation
-- is 1/2.
SELECT
    /* EACH binary  */ if(l._y = 1, -log(s._p), -log(1 - s._p)) + 402653184. - 402653184. AS loss /* END */
    /* EACH classes  */ -log(greatest(least(s._p[toString(l._y)], 1), 1e-15)) + 402653184. - 402653184. AS loss /* END */
    /* EACH number  */ least((s._p - toFloat64(l._y)) * (s._p - toFloat64(l._y)) / (2 * v._variance), 2048)
        + 402653184. - 402653184. AS loss /* END */
FROM
(
    SELECT {id:Identifier} AS _k, {label:Identifier} AS _y, event_time AS _at, _partition AS _part, _offset AS _off
    FROM {labels:Identifier} FINAL
    WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
    ORDER BY event_time DESC, _partition, _offset DESC
    LIMIT 1 BY _k
) AS l
INNER JOIN
(
    SELECT
        {id:Identifier} AS _k,
        /* EACH binary  */ greatest(least(toFloat64({prediction:Identifier}), 1 - 1e-15), 1e-15) AS _p /* END */
        /* EACH classes  */ {probabilities:Identifier} AS _p /* END */
        /* EACH number  */ toFloat64({prediction:Identifier}) AS _p, toString({version:Identifier}) AS _version /* END */
    FROM {serving:Identifier} FINAL
    WHERE event_time >= {since:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
    ORDER BY event_time DESC, _partition, _offset DESC
    LIMIT 1 BY _k
) AS s ON l._k = s._k
/* EACH number  */ INNER JOIN
(
    SELECT version AS _version, JSONExtractFloat(metrics, 'validation', 'squared_error') AS _variance
    FROM model_versions FINAL
    WHERE model = {model:String} AND _variance > 0
) AS v ON s._version = v._version /* END */
ORDER BY l._at, l._part, l._off
