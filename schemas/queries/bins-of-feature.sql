-- Frozen bins that a numeric feature was ever counted in.
SELECT bins_id, edges
FROM bins FINAL
WHERE model = {model:String} AND feature = {feature:String} AND kind = 'numeric'
ORDER BY bins_id
