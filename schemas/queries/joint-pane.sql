-- Joint signature of every pane of a range of event time: sums of normal scores, of their pair products and of random
-- Fourier features. Axes of numeric fields come first, then one axis per category.
-- Everything summed is first rounded to multiples of 2^-24 (adding and taking away 1.5 * 2^28 does it), so that sums
-- do not depend on the order of the rows; src/core/joint/joint-signature.ts does the same.
INSERT INTO joint_panes (model, stream, bins_id, pane_start, revision, segment, n, sums, products, fourier)
WITH
(
    SELECT (edges, scores, categories, weights, first, second, along_first, along_second, phase)
    FROM joint_axes FINAL
    WHERE bins_id = {bins_id:String} AND model = {model:String}
) AS _axes
SELECT
    {model:String},
    {stream:String},
    {bins_id:String},
    _pane,
    {revision:UInt32},
    '',
    count(),
    sumForEach(arrayMap(x -> x + 402653184. - 402653184., _s)),
    sumForEach(arrayFlatten(arrayMap(
        (x, i) -> arrayMap(y -> x * y + 402653184. - 402653184., arraySlice(_s, i)),
        _s, arrayEnumerate(_s)))),
    sumForEach(arrayMap(
        (f, g, a, b, h) -> cos(a * _s[f] + b * _s[g] + h) + 402653184. - 402653184.,
        _axes.5, _axes.6, _axes.7, _axes.8, _axes.9))
FROM
(
    WITH
        /* INCLUDE profile-columns */
    SELECT
        toDateTime64(toStartOfInterval(event_time, toIntervalSecond({pane_seconds:UInt32})), 3, 'UTC') AS _pane,
        arrayConcat(
            arrayMap(
                (x, e, w) -> if(isNaN(x), 0., w[1 + arrayCount(y -> y <= x, e)]),
                CAST([/* EACH numeric , */ ifNull(toFloat64({feature:Identifier}), nan) /* END */], 'Array(Float64)'), _axes.1, _axes.2),
            arrayMap(
                (t, c, w) -> w[1 + (t = c)],
                CAST([/* EACH category , */ ifNull(toString({field:Identifier}), char(0)) /* END */], 'Array(String)'), _axes.3, _axes.4)) AS _s
    FROM {table:Identifier} FINAL
    WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        AND /* INCLUDE offset-ranges */
)
GROUP BY _pane
HAVING /* INCLUDE fence */
