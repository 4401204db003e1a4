-- Counts per bin of the numeric features, per segment and set of bins, for every pane of a range of event time.
-- The features stand in one array and are told apart by their place: naming each in an expression of its own made
-- the statement take longer to analyse than a day of rows to read.
-- The sums do not depend on the order of the rows, so that any other reader of the same rows finds the same bits:
-- within one bin and one power of two p (p <= |x| < 2p) every number is split at a fixed bit into a high and a low
-- part, and parts of one size add up without rounding, to 67 million rows. The partial sums are then added in the
-- order of bin and power. Magnitudes below 2^-500 count as 0 and above 2^480 as 2^480: their squares stay finite.
-- src/core/windows/sum-parts.ts does the same.
-- A range of the contract travels beside the name of its feature; an end that there is none of is null, and so is its count.
INSERT INTO panes
    (model, stream, bins_id, pane_start, revision, segment, feature, n, codes, counts, finite, total, squares, minimum, maximum, distinct, below, above)
WITH
(
    SELECT groupArray((
        bins_id,
        feature,
        arrayConcat([-1.7976931348623157e308], edges),
        {lows:Array(Nullable(Float64))}[indexOf({features:Array(String)}, feature)],
        {highs:Array(Nullable(Float64))}[indexOf({features:Array(String)}, feature)]))
    FROM bins FINAL
    WHERE bins_id IN {bins_ids:Array(String)} AND model = {model:String} AND kind = 'numeric'
        AND feature IN {features:Array(String)}
) AS _bins
SELECT
    {model:String} AS model,
    {stream:String} AS stream,
    bins_id,
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
    sum(d) AS distinct,
    sum(b) AS below,
    sum(a) AS above
FROM
(
    WITH
        if(ifNull(isFinite(_value), false), assumeNotNull(_value), 0.) AS _x,
        multiIf(abs(_x) < 3.054936363499605e-151, 0., abs(_x) > 3.1217485503159922e144, sign(_x) * 3.1217485503159922e144, _x) AS _y,
        bitAnd(bitShiftRight(reinterpretAsUInt64(_y), 52), 2047) AS _exponent,
        reinterpretAsFloat64(bitShiftLeft(toUInt64(_exponent), 52)) AS _power
    SELECT
        _pane AS pane_start,
        _segment AS segment,
        _bin.1 AS bins_id,
        _bin.2 AS feature,
        multiIf(
            isNull(_value), toInt32(-1),
            isNaN(_value), toInt32(-2),
            _value = -inf, toInt32(-3),
            _value = inf, toInt32(-4),
            -- The first edge lies below every number.
            toInt32(arrayCount(_edge -> _edge <= _x, _bin.3)) - 1) AS code,
        count() AS c,
        countIf(isFinite(_value)) AS f,
        sum((_y + 100663296. * _power) - 100663296. * _power) AS s_high,
        sum(_y - ((_y + 100663296. * _power) - 100663296. * _power)) AS s_low,
        sum((_y * _y + 201326592. * _power * _power) - 201326592. * _power * _power) AS q_high,
        sum(_y * _y - ((_y * _y + 201326592. * _power * _power) - 201326592. * _power * _power)) AS q_low,
        minIf(_value, isFinite(_value)) AS lo,
        maxIf(_value, isFinite(_value)) AS hi,
        uniqExact(_value) AS d,
        sum(if(isNull(_bin.4), NULL, toUInt64(ifNull(isFinite(_value) AND _value < _bin.4, false)))) AS b,
        sum(if(isNull(_bin.5), NULL, toUInt64(ifNull(isFinite(_value) AND _value > _bin.5, false)))) AS a
    FROM
    (
        SELECT _pane, _segment, _bin, _values[indexOf({features:Array(String)}, _bin.2)] AS _value
        FROM
        (
            WITH
            /* INCLUDE profile-columns */
            SELECT
                toDateTime64(toStartOfInterval(event_time, toIntervalSecond({pane_seconds:UInt32})), 3, 'UTC') AS _pane,
                arrayJoin([
                    '' /* EACH segment   */, concat({segment_name:String}, '=', ifNull(toString({segment:Identifier}), 'null')) /* END */
                ]) AS _segment,
                [/* EACH feature , */ toNullable(toFloat64({feature:Identifier})) /* END */] AS _values,
                arrayJoin(_bins) AS _bin
            FROM {table:Identifier} FINAL
            WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
                AND /* INCLUDE offset-ranges */
        )
    )
    WHERE NOT startsWith(_segment, concat(_bin.2, '='))
    GROUP BY pane_start, segment, bins_id, feature, code, _exponent
    ORDER BY pane_start, segment, bins_id, feature, code, _exponent
)
GROUP BY pane_start, segment, bins_id, feature
HAVING /* INCLUDE fence */
