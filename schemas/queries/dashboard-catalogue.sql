-- Every table and column of this database with its comment.
SELECT t.name AS table, t.comment AS table_comment, c.name AS column, c.type AS type, c.comment AS comment
FROM system.tables AS t
INNER JOIN system.columns AS c ON c.table = t.name AND c.database = t.database
WHERE t.database = currentDatabase() AND t.name != 'migrations'
ORDER BY t.name != 'drift_history', t.name, c.position
LIMIT 5000
