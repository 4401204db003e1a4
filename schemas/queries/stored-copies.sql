SELECT count() AS rows, uniqExact(_partition, _offset) AS offsets
FROM {table:Identifier}
