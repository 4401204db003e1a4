-- Features that one model has answers for.
SELECT DISTINCT feature
FROM verdicts
WHERE model = {model:String}
ORDER BY feature
LIMIT 1000
