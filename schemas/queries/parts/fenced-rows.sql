-- The rows that follow, or none of them.
SELECT *
FROM input({structure:String})
WHERE /* INCLUDE fence */
FORMAT JSONEachRow
