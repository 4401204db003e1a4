-- Copies the rows of a raw table from one database to this one.
INSERT INTO {table:Identifier}
SELECT *
FROM {source:Identifier}.{table:Identifier} FINAL
WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
