-- Counts per bin of the numeric features, per segment, for every pane of a range of event time.
-- The sums do not depend on the order of the rows, so that any other reader of the same rows finds the same bits:
-- within one bin and one power of two p (p <= |x| < 2p) every number is split at a fixed bit into a high and a low
-- part, and parts of one size add up without rounding, to 67 million rows. The partial sums are then added in the
-- order of bin and power. Magnitudes below 2^-500 count as 0 and above 2^480 as 2^480: their squares stay finite.
-- src/core/windows/sum-parts.ts does the same.
INSERT INTO panes
    (model, stream, bins_id, pane_start, revision, segment, feature, n, codes, counts, finite, total, squares, minimum, maximum, distinct)
WITH
(
    SELECT (groupArray(feature), groupArray(arrayConcat([-1.7976931348623157e308], edges)))
    FROM bins FINAL
    WHERE bins_id = {bins_id:String} AND model = {model:String} AND kind = 'numeric'
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
    sumMap([code], [c]).1 AS codes,
    sumMap([code], [c]).2 AS counts,
    sum(f) AS finite,
    sum(s_high + s_low) AS total,
    sum(q_high + q_low) AS squares,
    min(lo) AS minimum,
    max(hi) AS maximum,
    sum(d) AS distinct
FROM
(
    WITH
        if(ifNull(isFinite(_cell.3), false), assumeNotNull(_cell.3), 0.) AS _x,
        multiIf(abs(_x) < 3.054936363499605e-151, 0., abs(_x) > 3.1217485503159922e144, sign(_x) * 3.1217485503159922e144, _x) AS _y,
        bitAnd(bitShiftRight(reinterpretAsUInt64(_y), 52), 2047) AS _exponent,
        reinterpretAsFloat64(bitShiftLeft(toUInt64(_exponent), 52)) AS _power
    SELECT
        _pane AS pane_start,
        _segment AS segment,
        _cell.1 AS feature,
        _cell.2 AS code,
        count() AS c,
        countIf(isFinite(_cell.3)) AS f,
        sum((_y + 100663296. * _power) - 100663296. * _power) AS s_high,
        sum(_y - ((_y + 100663296. * _power) - 100663296. * _power)) AS s_low,
        sum((_y * _y + 201326592. * _power * _power) - 201326592. * _power * _power) AS q_high,
        sum(_y * _y - ((_y * _y + 201326592. * _power * _power) - 201326592. * _power * _power)) AS q_low,
        minIf(_cell.3, isFinite(_cell.3)) AS lo,
        maxIf(_cell.3, isFinite(_cell.3)) AS hi,
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
                        isNaN(toFloat64({feature:Identifier})), toInt32(-2),
                        toFloat64({feature:Identifier}) = -inf, toInt32(-3),
                        toFloat64({feature:Identifier}) = inf, toInt32(-4),
                        toInt32(indexOf(
                            _bins.2[indexOf(_bins.1, {feature_name:String})],
                            roundDown(
                                if(isFinite(toFloat64({feature:Identifier})), assumeNotNull(toFloat64({feature:Identifier})), 0.),
                                _bins.2[indexOf(_bins.1, {feature_name:String})]))) - 1),
                    toNullable(toFloat64({feature:Identifier}))
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
    GROUP BY pane_start, segment, feature, code, _exponent
    ORDER BY pane_start, segment, feature, code, _exponent
)
GROUP BY pane_start, segment, feature
