SELECT count() AS rows, uniqExact(id) AS ids
FROM {table:Identifier} FINAL
