-- Counts per value of the categorical features, per segment, for every pane of a range of event time.
INSERT INTO panes
    (model, stream, bins_id, pane_start, revision, segment, feature, n, codes, counts, finite, total, squares, minimum, maximum, distinct)
WITH
(
    SELECT (groupArray(feature), groupArray(categories), groupArray(others))
    FROM bins FINAL
    WHERE bins_id = {bins_id:String} AND model = {model:String} AND kind = 'categorical'
) AS _bins
SELECT
    {model:String} AS model,
    {stream:String} AS stream,
    {bins_id:String} AS bins_id,
    pane_start,
    {revision:UInt32} AS revision,
    segment,
    feature,
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
        _pane AS pane_start,
        _segment AS segment,
        _cell.1 AS feature,
        _cell.2 AS code,
        count() AS c,
        uniqExact(_cell.3) AS d
    FROM
    (
        SELECT
            toDateTime64(toStartOfInterval(event_time, toIntervalSecond({pane_seconds:UInt32})), 3, 'UTC') AS _pane,
            arrayJoin([
                '' /* EACH segment   */, concat({segment_name:String}, '=', ifNull(toString({segment:Identifier}), 'null')) /* END */
            ]) AS _segment,
            arrayJoin([
                /* EACH feature , */
                (
                    {feature_name:String},
                    multiIf(
                        isNull({feature:Identifier}), toInt32(-1),
                        has(
                            _bins.2[indexOf(_bins.1, {feature_name:String})],
                            toString(assumeNotNull({feature:Identifier}))),
                        toInt32(indexOf(
                            _bins.2[indexOf(_bins.1, {feature_name:String})],
                            toString(assumeNotNull({feature:Identifier})))) - 1,
                        has(
                            _bins.3[indexOf(_bins.1, {feature_name:String})],
                            toString(assumeNotNull({feature:Identifier}))),
                        toInt32(length(_bins.2[indexOf(_bins.1, {feature_name:String})])),
                        toInt32(-5)),
                    toNullable(toString({feature:Identifier}))
                )
                /* END */
            ]) AS _cell
        FROM {table:Identifier} FINAL
        WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
            AND (empty({partitions:Array(Int32)}) OR (
                has({partitions:Array(Int32)}, _partition)
                AND _offset >= {first_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, _partition)]
                AND _offset < {end_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, _partition)]))
    )
    WHERE NOT startsWith(_segment, concat(_cell.1, '='))
    GROUP BY pane_start, segment, feature, code
    ORDER BY pane_start, segment, feature, code
)
GROUP BY pane_start, segment, feature
