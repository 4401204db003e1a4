-- One feature of the same examples in training and in serving, joined by id, for one pane and one way to segment.
SELECT
    {model:String} AS model,
    {from:DateTime64(3, 'UTC')} AS pane_start,
    {revision:UInt32} AS revision,
    segment,
    {feature_name:String} AS feature,
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
        t.present AS in_training,
        s.present AS in_serving,
        t.v AS a,
        s.v AS b,
        in_training AND in_serving AND isNotNull(a) AND isNotNull(b) AS both,
        if({numeric:Bool}, toFloat64OrZero(a), 0.) AS x,
        if({numeric:Bool}, toFloat64OrZero(b), 0.) AS y,
        if({numeric:Bool},
            abs(x - y) <= {absolute:Float64} + {relative:Float64} * greatest(abs(x), abs(y)) OR (isNaN(x) AND isNaN(y)),
            a = b) AS agree,
        if(in_serving, s.seg, t.seg) AS segment
    FROM
    (
        SELECT
            {id:Identifier} AS k,
            toString({feature:Identifier}) AS v,
            if({segment_name:String} = '', '', concat({segment_name:String}, '=', ifNull(toString({segment:Identifier}), 'null'))) AS seg,
            true AS present
        FROM {training:Identifier} FINAL
        WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        ORDER BY _partition, _offset DESC
        LIMIT 1 BY k
    ) AS t
    FULL OUTER JOIN
    (
        SELECT
            {id:Identifier} AS k,
            toString({feature:Identifier}) AS v,
            if({segment_name:String} = '', '', concat({segment_name:String}, '=', ifNull(toString({segment:Identifier}), 'null'))) AS seg,
            true AS present
        FROM {serving:Identifier} FINAL
        WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        ORDER BY _partition, _offset DESC
        LIMIT 1 BY k
    ) AS s ON t.k = s.k
)
GROUP BY segment
