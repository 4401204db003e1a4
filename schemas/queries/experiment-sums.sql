-- Answers and weighted gains of an experiment, per stage and value of a segment; an empty segment name means all rows.
-- One answer per id, its newest. Stages are ranges of event time with the challenger's share of the ids. A label counts
-- when its answer is as old as the end of its class of delay. Where the other version scored the example as well, the
-- gain is the difference of the two losses, of weight 1; else the loss less what was expected, over the chance of the arm,
-- with the weight 4 share (1 - share); with `both` rows that one version alone has scored do not count. reach is how far
-- below 0 a weighted gain could have been at most, whichever version had answered. One of the lists binary, classes and number has an entry: what the
-- model answers. Losses are those of src/core/performance/task-losses.ts, of a number as in
-- src/core/experiments/bounded-error.ts.
SELECT
    stage,
    segment,
    countIf(NOT challenger) AS champion_answers,
    countIf(challenger) AS challenger_answers,
    countIf(usable) AS answers,
    sumForEachIf(arrayMap(_d -> toUInt64(age >= _d), {delays:Array(Float64)}), usable) AS ripe,
    sumForEachIf(arrayMap(_c -> toUInt64(labelled AND class = _c), arrayEnumerate({delays:Array(Float64)})), usable) AS labels,
    sumForEachIf(arrayMap(_c -> if(labelled AND class = _c, weight, 0), arrayEnumerate({delays:Array(Float64)})), usable) AS weights,
    sumForEachIf(arrayMap(_c -> if(labelled AND class = _c, weight * gain, 0), arrayEnumerate({delays:Array(Float64)})), usable) AS total,
    sumForEachIf(arrayMap(_c -> if(labelled AND class = _c, pow(weight * gain, 2), 0), arrayEnumerate({delays:Array(Float64)})), usable) AS squares,
    sumForEachIf(arrayMap(_c -> if(labelled AND class = _c, pow(weight * gain, 3), 0), arrayEnumerate({delays:Array(Float64)})), usable) AS cubes,
    sumForEachIf(arrayMap(_c -> if(labelled AND class = _c, pow(weight * gain, 4), 0), arrayEnumerate({delays:Array(Float64)})), usable) AS fourths,
    maxForEachIf(arrayMap(_c -> if(labelled AND class = _c, weight * reach, 0), arrayEnumerate({delays:Array(Float64)})), usable) AS reach
FROM
(
    SELECT
        s._stage AS stage,
        s._segment AS segment,
        s._version = {challenger:String} AS challenger,
        {shares:Array(Float64)}[stage] AS share,
        h._scored OR (share > 0 AND NOT {both:Bool}) AS usable,
        {now_ms:Float64} - toFloat64(toUnixTimestamp64Milli(s._at)) AS age,
        greatest(0, toFloat64(toUnixTimestamp64Milli(l._at)) - toFloat64(toUnixTimestamp64Milli(s._at))) AS delay,
        if(l._known, arrayFirstIndex(_d -> delay <= _d, {delays:Array(Float64)}), 0) AS class,
        class > 0 AND age >= {delays:Array(Float64)}[class] AS labelled,
        /* EACH binary  */ if(l._y = 1, -log(s._p), -log(1 - s._p)) AS loss,
        if(l._y = 1, -log(h._p), -log(1 - h._p)) AS other, /* END */
        /* EACH classes  */ -log(greatest(least(s._p[l._y], 1 - 1e-7), 1e-7)) AS loss,
        -log(greatest(least(h._p[indexOf(h._classes, l._y)], 1 - 1e-7), 1e-7)) AS other, /* END */
        /* EACH number  */ least(ifNotFinite((s._p - l._y) * (s._p - l._y) / (2 * {variance:Float64}), {most:Float64}), {most:Float64}) AS loss,
        least(ifNotFinite((h._p - l._y) * (h._p - l._y) / (2 * {variance:Float64}), {most:Float64}), {most:Float64}) AS other, /* END */
        if(h._scored, 1, 4 * share * (1 - share)) AS weight,
        multiIf(h._scored AND challenger, other - loss, h._scored, loss - other,
            challenger, -(loss - {expected:Float64}) / share, (loss - {expected:Float64}) / (1 - share)) AS gain,
        if(h._scored, abs(loss - other),
            greatest((loss - {expected:Float64}) / share, ({expected:Float64} - loss) / (1 - share))) AS reach
    FROM
    (
        SELECT
            toString({id:Identifier}) AS _k,
            event_time AS _at,
            toString({version:Identifier}) AS _version,
            /* EACH binary  */ greatest(least(toFloat64({prediction:Identifier}), 1 - 1e-7), 1e-7) AS _p, /* END */
            /* EACH classes  */ {probabilities:Identifier} AS _p, /* END */
            /* EACH number  */ toFloat64({prediction:Identifier}) AS _p, /* END */
            arrayFirstIndex((_from, _until) -> toUnixTimestamp64Milli(event_time) >= _from AND toUnixTimestamp64Milli(event_time) < _until,
                {from_ms:Array(Float64)}, {until_ms:Array(Float64)}) AS _stage,
            if({segment_name:String} = '', '', concat({segment_name:String}, '=', ifNull(toString({segment:Identifier}), 'null'))) AS _segment
        FROM {serving:Identifier} FINAL
        WHERE event_time >= fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
        ORDER BY event_time DESC, _partition, _offset DESC
        LIMIT 1 BY _k
    ) AS s
    LEFT JOIN
    (
        SELECT toString({id:Identifier}) AS _k, event_time AS _at, true AS _known,
            /* EACH binary  */ toFloat64({label:Identifier}) AS _y /* END */
            /* EACH classes  */ toString({label:Identifier}) AS _y /* END */
            /* EACH number  */ toFloat64({label:Identifier}) AS _y /* END */
        FROM {labels:Identifier} FINAL
        WHERE event_time >= fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC') AND isNotNull({label:Identifier})
        ORDER BY event_time DESC, _partition, _offset DESC
        LIMIT 1 BY _k
    ) AS l ON s._k = l._k
    LEFT JOIN
    (
        SELECT example_id AS _k, toString(version) AS _version, true AS _scored,
            /* EACH binary  */ greatest(least(prediction, 1 - 1e-7), 1e-7) AS _p /* END */
            /* EACH classes  */ arrayMap(_c -> toString(_c), classes) AS _classes, probabilities AS _p /* END */
            /* EACH number  */ prediction AS _p /* END */
        FROM shadow_predictions FINAL
        WHERE model = {model:String} AND version IN ({champion:String}, {challenger:String})
            AND event_time >= fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
        ORDER BY event_time DESC, _partition, _offset DESC
        LIMIT 1 BY _k, _version
    ) AS h ON s._k = h._k AND h._version = if(s._version = {challenger:String}, {champion:String}, {challenger:String})
    WHERE s._stage > 0 AND s._version IN ({champion:String}, {challenger:String})
)
GROUP BY stage, segment
ORDER BY segment, stage
