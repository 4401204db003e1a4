-- Counts per value of one categorical feature and one way to segment, for every pane of a range of event time.
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
    toUInt64(0) AS finite,
    toFloat64(0) AS total,
    toFloat64(0) AS squares,
    CAST(NULL, 'Nullable(Float64)') AS minimum,
    CAST(NULL, 'Nullable(Float64)') AS maximum,
    sum(d) AS distinct
FROM
(
    SELECT
        pane_start,
        segment,
        multiIf(
            isNull(v), toInt32(-1),
            has(
                (SELECT categories FROM bins FINAL WHERE bins_id = {bins_id:String} AND model = {model:String} AND feature = {feature_name:String}),
                assumeNotNull(v)),
            toInt32(indexOf(
                (SELECT categories FROM bins FINAL WHERE bins_id = {bins_id:String} AND model = {model:String} AND feature = {feature_name:String}),
                assumeNotNull(v))) - 1,
            has(
                (SELECT others FROM bins FINAL WHERE bins_id = {bins_id:String} AND model = {model:String} AND feature = {feature_name:String}),
                assumeNotNull(v)),
            toInt32((SELECT length(categories) FROM bins FINAL WHERE bins_id = {bins_id:String} AND model = {model:String} AND feature = {feature_name:String})),
            toInt32(-5)) AS code,
        count() AS c,
        uniqExact(v) AS d
    FROM
    (
        SELECT
            toDateTime64(toStartOfInterval(event_time, toIntervalSecond({pane_seconds:UInt32})), 3, 'UTC') AS pane_start,
            toNullable(toString({feature:Identifier})) AS v,
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
