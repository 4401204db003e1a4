-- A version from the incident that asked for it to what came of it.
SELECT *
FROM model_lineage
WHERE model = {model:String} AND version = {version:String}
