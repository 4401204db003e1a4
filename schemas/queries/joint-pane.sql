-- Joint signature of every pane of a range of event time, per segment: sums of normal scores, of their pair products
-- and of random Fourier features. Axes of numeric fields come first, then one axis per category.
INSERT INTO joint_panes (model, stream, bins_id, pane_start, revision, segment, n, sums, products, fourier)
SELECT
    {model:String} AS model,
    {stream:String} AS stream,
    {bins_id:String} AS bins_id,
    pane_start,
    {revision:UInt32} AS revision,
    segment,
    count() AS n,
    sumForEach(s) AS sums,
    sumForEach(arrayFlatten(arrayMap(i -> arrayMap(j -> s[i] * s[j], range(i, length(s) + 1)), range(1, length(s) + 1)))) AS products,
    sumForEach(arrayMap(
        (f, g, a, b, h) -> cos(a * s[f] + b * s[g] + h),
        (SELECT first FROM joint_axes FINAL WHERE bins_id = {bins_id:String} AND model = {model:String}),
        (SELECT second FROM joint_axes FINAL WHERE bins_id = {bins_id:String} AND model = {model:String}),
        (SELECT along_first FROM joint_axes FINAL WHERE bins_id = {bins_id:String} AND model = {model:String}),
        (SELECT along_second FROM joint_axes FINAL WHERE bins_id = {bins_id:String} AND model = {model:String}),
        (SELECT phase FROM joint_axes FINAL WHERE bins_id = {bins_id:String} AND model = {model:String}))) AS fourier
FROM
(
    SELECT
        toDateTime64(toStartOfInterval(event_time, toIntervalSecond({pane_seconds:UInt32})), 3, 'UTC') AS pane_start,
        arrayJoin([
            '' /* EACH segment   */, concat({segment_name:String}, '=', ifNull(toString({segment:Identifier}), 'null')) /* END */
        ]) AS segment,
        arrayConcat(
            CAST([] AS Array(Float64))
            /* EACH numeric   */
            , [if(
                isNull({feature:Identifier}) OR isNaN(assumeNotNull(toFloat64({feature:Identifier}))),
                0.,
                (SELECT scores[{axis:UInt16}] FROM joint_axes FINAL WHERE bins_id = {bins_id:String} AND model = {model:String})[indexOf(
                    (SELECT arrayConcat([-1.7976931348623157e308], edges) FROM bins FINAL WHERE bins_id = {bins_id:String} AND model = {model:String} AND feature = {feature_name:String}),
                    roundDown(
                        if(
                            isNull({feature:Identifier}) OR isNaN(assumeNotNull(toFloat64({feature:Identifier}))),
                            0.,
                            greatest(least(assumeNotNull(toFloat64({feature:Identifier})), 1.7976931348623157e308), -1.7976931348623157e308)),
                        (SELECT arrayConcat([-1.7976931348623157e308], edges) FROM bins FINAL WHERE bins_id = {bins_id:String} AND model = {model:String} AND feature = {feature_name:String})))])]
            /* END */
            /* EACH category   */
            , [if(
                ifNull(toString({field:Identifier}) = {category:String}, false),
                (SELECT scores[{place:UInt16}][2] FROM joint_axes FINAL WHERE bins_id = {bins_id:String} AND model = {model:String}),
                (SELECT scores[{place:UInt16}][1] FROM joint_axes FINAL WHERE bins_id = {bins_id:String} AND model = {model:String}))]
            /* END */
        ) AS s
    FROM {table:Identifier} FINAL
    WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        AND (empty({partitions:Array(Int32)}) OR (
            has({partitions:Array(Int32)}, _partition)
            AND _offset >= {first_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, _partition)]
            AND _offset < {end_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, _partition)]))
)
GROUP BY pane_start, segment
