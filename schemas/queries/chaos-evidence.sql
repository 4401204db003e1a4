-- Rows of one of the tables that decisions are written to, as they were written: what a round that differs leaves behind.
SELECT *
FROM {table:Identifier}
WHERE model = {model:String}
ORDER BY written_at
FORMAT JSONEachRow
