-- Copies a small table from one database to this one.
INSERT INTO {table:Identifier}
SELECT *
FROM {source:Identifier}.{table:Identifier} FINAL
