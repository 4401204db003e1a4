-- Frozen bins of one reference.
SELECT feature, kind, edges, categories, others, distinct, mean, sd
FROM bins FINAL
WHERE bins_id = {bins_id:String} AND model = {model:String}
ORDER BY feature
