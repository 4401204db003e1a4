-- The first version of a model that served: its snapshot gives data drift its bins.
SELECT version
FROM model_versions FINAL
WHERE model = {model:String} AND status = 'accepted'
ORDER BY created, version
LIMIT 1
