-- The same examples in training and in serving, joined by id once, compared feature by feature, per segment.
-- Moments are compared as milliseconds since 1970; {features} lists them last.
INSERT INTO skew_panes
    (model, pane_start, revision, segment, feature, joined, training_only, serving_only, matches, mismatches,
     training_value_only, serving_value_only, both_null, difference, training_total, serving_total)
SELECT
    {model:String} AS model,
    {from:DateTime64(3, 'UTC')} AS pane_start,
    {revision:UInt32} AS revision,
    segment,
    {features:Array(String)}[i] AS feature,
    countIf(in_training AND in_serving) AS joined,
    countIf(in_training AND NOT in_serving) AS training_only,
    countIf(in_serving AND NOT in_training) AS serving_only,
    countIf(both AND agree) AS matches,
    countIf(both AND NOT agree) AS mismatches,
    countIf(in_training AND in_serving AND isNotNull(a) AND isNull(b)) AS training_value_only,
    countIf(in_training AND in_serving AND isNull(a) AND isNotNull(b)) AS serving_value_only,
    countIf(in_training AND in_serving AND isNull(a) AND isNull(b)) AS both_null,
    sumIf(y - x, both AND NOT agree AND isFinite(y - x)) AS difference,
    sumIf(x, both AND NOT agree AND isFinite(x)) AS training_total,
    sumIf(y, both AND NOT agree AND isFinite(y)) AS serving_total
FROM
(
    SELECT
        in_training,
        in_serving,
        segment,
        i,
        a,
        b,
        in_training AND in_serving AND isNotNull(a) AND isNotNull(b) AS both,
        ifNull(toFloat64OrZero(a), 0.) AS x,
        ifNull(toFloat64OrZero(b), 0.) AS y,
        if({numeric:Array(Bool)}[i],
            abs(x - y) <= {absolute:Array(Float64)}[i] + {relative:Array(Float64)}[i] * greatest(abs(x), abs(y)) OR (isNaN(x) AND isNaN(y)),
            ifNull(a = b, false)) AS agree
    FROM
    (
        SELECT
            t._present AS in_training,
            s._present AS in_serving,
            arrayJoin(if(in_serving, s._segments, t._segments)) AS segment,
            arrayJoin(arrayEnumerate({features:Array(String)})) AS i,
            if(in_training, t._v[i], NULL) AS a,
            if(in_serving, s._v[i], NULL) AS b
        FROM
        (
            SELECT
                {id:Identifier} AS _k,
                arrayConcat(
                    [/* EACH feature , */ toNullable(toString({feature:Identifier})) /* END */],
                    [/* EACH moment , */ toNullable(toString(toUnixTimestamp64Micro(toDateTime64({moment:Identifier}, 6, 'UTC')) / 1000)) /* END */]) AS _v,
                ['' /* EACH segment   */, concat({segment_name:String}, '=', ifNull(toString({segment:Identifier}), 'null')) /* END */] AS _segments,
                true AS _present
            FROM {training:Identifier} FINAL
            WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
            ORDER BY _partition, _offset DESC
            LIMIT 1 BY _k
        ) AS t
        FULL OUTER JOIN
        (
            SELECT
                {id:Identifier} AS _k,
                arrayConcat(
                    [/* EACH feature , */ toNullable(toString({feature:Identifier})) /* END */],
                    [/* EACH moment , */ toNullable(toString(toUnixTimestamp64Micro(toDateTime64({moment:Identifier}, 6, 'UTC')) / 1000)) /* END */]) AS _v,
                ['' /* EACH segment   */, concat({segment_name:String}, '=', ifNull(toString({segment:Identifier}), 'null')) /* END */] AS _segments,
                true AS _present
            FROM {serving:Identifier} FINAL
            WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
            ORDER BY _partition, _offset DESC
            LIMIT 1 BY _k
        ) AS s ON t._k = s._k
    )
)
GROUP BY segment, i
HAVING /* INCLUDE fence */
