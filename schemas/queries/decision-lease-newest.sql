SELECT max(epoch) AS epoch
FROM decision_leases
WHERE model = {model:String}
