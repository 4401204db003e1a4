-- Counts per value of the categorical features, per segment and set of bins, for every pane of a range of event time.
-- Each different value is counted first and looked up among the values of the reference once, however many those are.
-- A domain of the contract travels beside the name of its feature; without one it is empty, and its count is null.
-- Of the values outside the 8 most frequent are kept, ties by their bytes: as in src/core/windows/reduce-column.ts.
INSERT INTO panes
    (model, stream, bins_id, pane_start, revision, segment, feature, n, codes, counts, finite, total, squares, minimum, maximum, distinct, unexpected, unexpected_values)
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
    toUInt64(0) AS finite,
    toFloat64(0) AS total,
    toFloat64(0) AS squares,
    CAST(NULL, 'Nullable(Float64)') AS minimum,
    CAST(NULL, 'Nullable(Float64)') AS maximum,
    countIf(isNotNull(value)) AS distinct,
    sum(u) AS unexpected,
    arrayMap(
        _one -> (substringUTF8(_one.2, 1, 64), toUInt64(-_one.1)),
        groupArraySortedIf(8)((-toInt64(c), ifNull(value, '')), ifNull(u, 0) > 0)) AS unexpected_values
FROM
(
    SELECT
        v._pane AS pane_start,
        v._segment AS segment,
        v._feature AS feature,
        v._bins_id AS bins_id,
        v._value AS value,
        v._c AS c,
        multiIf(
            NOT has(arrayFilter((_f, _d) -> notEmpty(_d), {features:Array(String)}, {domains:Array(Array(String))}), v._feature), NULL,
            isNull(v._value) OR (v._feature, v._text) IN
            (
                SELECT _allowed.1, arrayJoin(_allowed.2)
                FROM (SELECT arrayJoin(arrayZip({features:Array(String)}, {domains:Array(Array(String))})) AS _allowed)
            ), toUInt64(0),
            v._c) AS u,
        multiIf(isNull(v._value), toInt32(-1), r._known, r._code, toInt32(-5)) AS code
    FROM
    (
        SELECT
            _pane,
            _segment,
            _feature,
            _value,
            ifNull(_value, '') AS _text,
            count() AS _c,
            arrayJoin({bins_ids:Array(String)}) AS _bins_id
        FROM
        (
            SELECT _pane, _segment, {features:Array(String)}[_i] AS _feature, _values[_i] AS _value
            FROM
            (
                WITH
            /* INCLUDE profile-columns */
                SELECT
                    toDateTime64(toStartOfInterval(event_time, toIntervalSecond({pane_seconds:UInt32})), 3, 'UTC') AS _pane,
                    arrayJoin([
                        '' /* EACH segment   */, concat({segment_name:String}, '=', ifNull(toString({segment:Identifier}), 'null')) /* END */
                    ]) AS _segment,
                    [/* EACH feature , */ toNullable(toString({feature:Identifier})) /* END */] AS _values,
                    arrayJoin(arrayEnumerate({features:Array(String)})) AS _i
                FROM {table:Identifier} FINAL
                WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
                    AND /* INCLUDE offset-ranges */
            )
        )
        WHERE NOT startsWith(_segment, concat(_feature, '='))
        GROUP BY _pane, _segment, _feature, _value
    ) AS v
    LEFT JOIN
    (
        SELECT bins_id AS _bins_id, feature AS _feature, _pair.1 AS _text, _pair.2 AS _code, true AS _known
        FROM
        (
            SELECT
                bins_id,
                feature,
                arrayJoin(arrayZip(
                    arrayConcat(categories, others),
                    arrayConcat(
                        arrayMap(_i -> toInt32(_i - 1), arrayEnumerate(categories)),
                        arrayMap(_other -> toInt32(length(categories)), others)))) AS _pair
            FROM bins FINAL
            WHERE bins_id IN {bins_ids:Array(String)} AND model = {model:String} AND kind = 'categorical'
                AND feature IN {features:Array(String)}
        )
    ) AS r ON v._bins_id = r._bins_id AND v._feature = r._feature AND v._text = r._text
)
GROUP BY pane_start, segment, bins_id, feature
HAVING /* INCLUDE fence */
