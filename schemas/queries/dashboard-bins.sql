-- Frozen bins of one feature. An empty bins_id means those of the first accepted version, which data drift uses.
SELECT bins_id, kind, edges, categories
FROM bins FINAL
WHERE model = {model:String} AND feature = {feature:String} AND bins_id =
    if({bins_id:String} != '', {bins_id:String},
    (
        SELECT argMin(w.bins_id, (v.created, v.version))
        FROM reference_windows AS w FINAL
        INNER JOIN model_versions AS v FINAL ON w.version = v.version
        WHERE w.model = {model:String} AND v.model = {model:String} AND v.status = 'accepted'
    ))
LIMIT 1
