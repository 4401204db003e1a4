-- Every decided version of a model with its lineage, oldest first.
SELECT *
FROM model_versions FINAL
WHERE model = {model:String}
ORDER BY toUInt64OrZero(substring(version, 2))
