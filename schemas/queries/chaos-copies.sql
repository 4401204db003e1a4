-- Rows that stay after deduplication, and the places they came from: equal, or one was stored twice.
SELECT count() AS rows, uniqExact(_partition, _offset) AS offsets
FROM {table:Identifier} FINAL
