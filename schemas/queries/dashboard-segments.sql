-- Segments that one kind has answers for.
SELECT DISTINCT segment
FROM verdicts
WHERE model = {model:String} AND kind = {kind:String}
ORDER BY segment
LIMIT 200
