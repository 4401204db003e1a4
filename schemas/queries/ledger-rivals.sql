SELECT count() AS rivals
FROM ledger
WHERE topic = {topic:String}
    AND partition = {partition:Int32}
    AND (epoch > {epoch:UInt64} OR (epoch = {epoch:UInt64} AND owner != {owner:String}))
