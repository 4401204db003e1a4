-- Rows of one of the tables that decisions are written to, as they were written, with the part that holds them: block
-- numbers of parts grow with every insert. What a round that differs leaves behind.
SELECT _part, *
FROM {table:Identifier}
WHERE model = {model:String}
FORMAT JSONEachRow
