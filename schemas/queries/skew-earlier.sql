-- What the entities of some examples of one pane had before as one feature, as training has it: for each example
-- the newest three other values, and the newest value that was at least so old, within a number of days.
-- Of several records of one moment the last one counts.
WITH
    examples AS
    (
        SELECT toString({id:Identifier}) AS _k, toString({entity:Identifier}) AS _e, event_time AS _now
        FROM {serving:Identifier} FINAL
        WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
            AND has({ids:Array(String)}, toString({id:Identifier})) AND isNotNull({entity:Identifier})
        ORDER BY _partition, _offset DESC
        LIMIT 1 BY _k
    ),
    history AS
    (
        SELECT toString({entity:Identifier}) AS _e, toString({id:Identifier}) AS _own, event_time AS _then, _partition, _offset,
            toNullable(toString({feature:Identifier})) AS _v
        FROM {training:Identifier} FINAL
        WHERE event_time >= {from:DateTime64(3, 'UTC')} - toIntervalDay({days:UInt32}) AND event_time < {until:DateTime64(3, 'UTC')}
            AND toString({entity:Identifier}) IN (SELECT _e FROM examples)
    ),
    earlier AS
    (
        SELECT
            x._k AS _k,
            toUnixTimestamp64Milli(x._now) - toUnixTimestamp64Milli(h._then) AS _ago,
            h._partition AS _p,
            h._offset AS _o,
            if({moment:Bool}, toString(toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(h._v, 3, 'UTC'))), h._v) AS _value
        FROM examples AS x
        INNER JOIN history AS h ON x._e = h._e
        WHERE h._then < x._now AND h._own != x._k
    )
SELECT _k AS id, _ago AS ago_ms, _value AS value
FROM
(
    SELECT _k, _ago, _value
    FROM
    (
        SELECT _k, _ago, _value, _p, _o
        FROM earlier
        ORDER BY _k, _ago, _p DESC, _o DESC
        LIMIT 1 BY _k, _value
    )
    ORDER BY _k, _ago, _p DESC, _o DESC
    LIMIT 4 BY _k
    UNION DISTINCT
    SELECT _k, _ago, _value
    FROM
    (
        SELECT _k, _ago, _value, _p, _o, arrayJoin(arrayFilter(_age -> _ago >= _age, {ages:Array(Int64)})) AS _least
        FROM earlier
        ORDER BY _k, _least, _ago, _p DESC, _o DESC
        LIMIT 1 BY _k, _least
    )
)
ORDER BY id, ago_ms, value
