-- Counts per bin of one numeric feature and one way to segment, for every pane of a range of event time.
SELECT
    {model:String} AS model,
    {stream:String} AS stream,
    {bins_id:String} AS bins_id,
    pane_start,
    {revision:UInt32} AS revision,
    segment,
    {feature_name:String} AS feature,
    sum(c) AS n,
    groupArray(code) AS codes,
    groupArray(c) AS counts,
    sum(f) AS finite,
    sum(s) AS total,
    sum(q) AS squares,
    min(lo) AS minimum,
    max(hi) AS maximum,
    sum(d) AS distinct
FROM
(
    SELECT
        pane_start,
        segment,
        multiIf(
            isNull(x), toInt32(-1),
            isNaN(x), toInt32(-2),
            x = -inf, toInt32(-3),
            x = inf, toInt32(-4),
            toInt32(indexOf(
                (SELECT arrayConcat([-1.7976931348623157e308], edges) FROM bins FINAL WHERE bins_id = {bins_id:String} AND model = {model:String} AND feature = {feature_name:String}),
                assumeNotNull(edge))) - 1) AS code,
        count() AS c,
        countIf(isFinite(x)) AS f,
        sumIf(assumeNotNull(x), isFinite(x)) AS s,
        sumIf(assumeNotNull(x) * assumeNotNull(x), isFinite(x)) AS q,
        minIf(x, isFinite(x)) AS lo,
        maxIf(x, isFinite(x)) AS hi,
        uniqExact(x) AS d
    FROM
    (
        SELECT
            toDateTime64(toStartOfInterval(event_time, toIntervalSecond({pane_seconds:UInt32})), 3, 'UTC') AS pane_start,
            toFloat64({feature:Identifier}) AS x,
            roundDown(
                if(isFinite(x), assumeNotNull(x), 0.),
                (SELECT arrayConcat([-1.7976931348623157e308], edges) FROM bins FINAL WHERE bins_id = {bins_id:String} AND model = {model:String} AND feature = {feature_name:String})) AS edge,
            if({segment_name:String} = '', '', concat({segment_name:String}, '=', ifNull(toString({segment:Identifier}), 'null'))) AS segment
        FROM {table:Identifier} FINAL
        WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
            AND (empty({partitions:Array(Int32)}) OR (
                has({partitions:Array(Int32)}, _partition)
                AND _offset >= {first_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, _partition)]
                AND _offset < {end_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, _partition)]))
    )
    GROUP BY pane_start, segment, code
    ORDER BY pane_start, segment, code
)
GROUP BY pane_start, segment
