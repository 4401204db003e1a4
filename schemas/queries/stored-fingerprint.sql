SELECT
    count() AS rows,
    toString(sum(cityHash64(_partition, _offset, _schema_id, event_time, id))) AS hash
FROM {table:Identifier} FINAL
