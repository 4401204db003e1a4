-- Examples of one pane in which one feature differs between training and serving, and some in which it agrees:
-- up to a number of each, chosen by the hash of the id, with both rows as JSON. One side without a value differs.
-- Moments are compared as milliseconds since 1970.
WITH
    joined AS
    (
        SELECT
            _k,
            if(isNull(_a) OR isNull(_b),
                isNull(_a) != isNull(_b),
                if({numeric:Bool},
                    NOT (abs(_x - _y) <= {absolute:Float64} + {relative:Float64} * greatest(abs(_x), abs(_y)) OR (isNaN(_x) AND isNaN(_y))),
                    _a != _b)) AS _differs
        FROM
        (
            SELECT
                _k,
                t._v AS _a,
                s._v AS _b,
                ifNull(if({moment:Bool}, toUnixTimestamp64Micro(parseDateTime64BestEffortOrNull(t._v, 6, 'UTC')) / 1000, toFloat64OrNull(t._v)), 0.) AS _x,
                ifNull(if({moment:Bool}, toUnixTimestamp64Micro(parseDateTime64BestEffortOrNull(s._v, 6, 'UTC')) / 1000, toFloat64OrNull(s._v)), 0.) AS _y
            FROM
            (
                SELECT {id:Identifier} AS _k, toNullable(toString({feature:Identifier})) AS _v
                FROM {training:Identifier} FINAL
                WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
                ORDER BY _partition, _offset DESC
                LIMIT 1 BY _k
            ) AS t
            INNER JOIN
            (
                SELECT {id:Identifier} AS _k, toNullable(toString({feature:Identifier})) AS _v,
                    ifNull(toString({segment:Identifier}), 'null') AS _segment
                FROM {serving:Identifier} FINAL
                WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
                ORDER BY _partition, _offset DESC
                LIMIT 1 BY _k
            ) AS s USING (_k)
            WHERE {whole:Bool} OR _segment = {segment_value:String}
        )
        WHERE isNotNull(_a) OR isNotNull(_b)
    ),
    chosen AS
    (
        SELECT _k, _differs
        FROM joined
        ORDER BY cityHash64(toString(_k)), _k
        LIMIT {most:UInt32} BY _differs
    )
SELECT toString(c._k) AS id, c._differs AS differs, toInt64(toUnixTimestamp64Milli(s._at)) AS event_time,
    (SELECT countIf(NOT _differs) FROM joined) AS matching, t._row AS training, s._row AS serving
FROM chosen AS c
INNER JOIN
(
    SELECT {id:Identifier} AS _k, formatRowNoNewline('JSONEachRow', *) AS _row
    FROM {training:Identifier} FINAL
    WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        AND {id:Identifier} IN (SELECT _k FROM chosen)
    ORDER BY _partition, _offset DESC
    LIMIT 1 BY _k
) AS t ON c._k = t._k
INNER JOIN
(
    SELECT {id:Identifier} AS _k, event_time AS _at, formatRowNoNewline('JSONEachRow', *) AS _row
    FROM {serving:Identifier} FINAL
    WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        AND {id:Identifier} IN (SELECT _k FROM chosen)
    ORDER BY _partition, _offset DESC
    LIMIT 1 BY _k
) AS s ON c._k = s._k
ORDER BY differs, cityHash64(id), id
