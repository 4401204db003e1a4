(
        -- Nothing is written once another has begun to decide for the model; see processors/detect/decision-lease.ts.
        SELECT count() = 0
        FROM decision_leases
        WHERE model = {fence_model:String}
            AND (epoch > {fence_epoch:UInt64} OR (epoch = {fence_epoch:UInt64} AND owner > {fence_owner:String}))
    )
