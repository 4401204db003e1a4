SELECT count() AS rivals
FROM decision_leases
WHERE model = {model:String}
    AND (epoch > {epoch:UInt64} OR (epoch = {epoch:UInt64} AND owner > {owner:String}))
