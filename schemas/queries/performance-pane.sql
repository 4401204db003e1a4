-- Labels of one pane of label time, joined to the newest prediction of the same example, per segment.
-- Everything summed is first rounded to multiples of 2^-24 (adding and taking away 1.5 * 2^28 does it): such numbers
-- add up exactly in any order, and the last bit of a logarithm, which differs between machines, does not count.
-- One of the lists binary, classes and number has an entry: what the model answers. Of classes, y says whether the most
-- likely one came and p how likely it was called. Of a number the loss is that of src/core/performance/row-loss.ts, by the
-- mean squared error and the mean loss that the version had on its validation rows; rows of other versions are unmatched.
INSERT INTO performance_panes
    (model, pane_start, revision, segment, n, unmatched, positives, loss, loss_squares, expected, excess_squares, brier, predicted, errors)
SELECT
    {model:String} AS model,
    {from:DateTime64(3, 'UTC')} AS pane_start,
    {revision:UInt32} AS revision,
    segment,
    countIf(matched) AS n,
    countIf(NOT matched) AS unmatched,
    countIf(matched AND y = 1) AS positives,
    sumIf(row_loss, matched) AS loss,
    sumIf(row_loss * row_loss + 402653184. - 402653184., matched) AS loss_squares,
    sumIf(entropy, matched) AS expected,
    sumIf((row_loss - entropy) * (row_loss - entropy) + 402653184. - 402653184., matched) AS excess_squares,
    sumIf((p - y) * (p - y) + 402653184. - 402653184., matched) AS brier,
    sumIf(p + 402653184. - 402653184., matched) AS predicted,
    countIf(matched AND (p >= 0.5) != (y = 1)) AS errors
FROM
(
    SELECT
        /* EACH binary  */ s._present AS matched,
        toFloat64(l._y) AS y,
        greatest(least(s._p, 1 - 1e-15), 1e-15) AS p,
        if(l._y = 1, -log(p), -log(1 - p)) + 402653184. - 402653184. AS row_loss,
        -p * log(p) - (1 - p) * log(1 - p) + 402653184. - 402653184. AS entropy, /* END */
        /* EACH classes  */ s._present AS matched,
        toFloat64(toString(l._y) = s._said) AS y,
        arrayMax(arrayPushBack(s._chances, 1e-15)) AS p,
        -log(greatest(least(s._p[toString(l._y)], 1), 1e-15)) + 402653184. - 402653184. AS row_loss,
        -arraySum(_q -> if(_q > 0, _q * log(_q), 0), s._chances) + 402653184. - 402653184. AS entropy, /* END */
        /* EACH number  */ s._present AND v._known AS matched,
        0. AS y,
        0. AS p,
        log(2 * pi() * v._variance) / 2
            + least((s._p - toFloat64(l._y)) * (s._p - toFloat64(l._y)) / (2 * v._variance), 2048)
            + 402653184. - 402653184. AS row_loss,
        v._baseline + 402653184. - 402653184. AS entropy, /* END */
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
            /* EACH binary  */ toFloat64({prediction:Identifier}) AS _p, /* END */
            /* EACH classes  */ {probabilities:Identifier} AS _p,
            arrayMap(_q -> toFloat64(_q), mapValues({probabilities:Identifier})) AS _chances,
            toString({prediction:Identifier}) AS _said, /* END */
            /* EACH number  */ toFloat64({prediction:Identifier}) AS _p,
            toString({version:Identifier}) AS _version, /* END */
            ['' /* EACH segment   */, concat({segment_name:String}, '=', ifNull(toString({segment:Identifier}), 'null')) /* END */] AS _segments,
            true AS _present
        FROM {serving:Identifier} FINAL
        WHERE event_time >= {since:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        ORDER BY event_time DESC, _partition, _offset DESC
        LIMIT 1 BY _k
    ) AS s ON l._k = s._k
    /* EACH number  */ LEFT JOIN
    (
        SELECT
            version AS _version,
            assumeNotNull(baseline_log_loss) AS _baseline,
            JSONExtractFloat(metrics, 'validation', 'squared_error') AS _variance,
            true AS _known
        FROM model_versions FINAL
        WHERE model = {model:String} AND isNotNull(baseline_log_loss) AND _variance > 0
    ) AS v ON s._version = v._version /* END */
)
GROUP BY segment
HAVING /* INCLUDE fence */
