-- The newest change before a moment: a writer schema, a producer version, or a model version that began to answer. What a
-- topic or a model began with is no change.
SELECT said, at
FROM
(
    SELECT concat('writer schema ', toString(schema_id), ' first seen on ', topic) AS said, _first AS at
    FROM
    (
        SELECT topic, schema_id, min(began) AS _first, min(_first) OVER (PARTITION BY topic) AS _beginning
        FROM writer_schemas FINAL
        WHERE topic IN {topics:Array(String)}
        GROUP BY topic, schema_id
    )
    WHERE _first > _beginning
    UNION ALL
    SELECT concat('producer version ', version, ' first seen on ', topic) AS said, _first AS at
    FROM
    (
        SELECT topic, version, min(began) AS _first, min(_first) OVER (PARTITION BY topic) AS _beginning
        FROM producer_versions FINAL
        WHERE topic IN {topics:Array(String)}
        GROUP BY topic, version
    )
    WHERE _first > _beginning
    UNION ALL
    SELECT concat('model version ', _version, ' began to answer') AS said, _first AS at
    FROM
    (
        SELECT toString({version:Identifier}) AS _version, min(event_time) AS _first, min(_first) OVER () AS _beginning
        FROM {serving:Identifier}
        GROUP BY _version
    )
    WHERE _first > _beginning
)
WHERE at < {until:DateTime64(3, 'UTC')}
ORDER BY at DESC, said
LIMIT 1
