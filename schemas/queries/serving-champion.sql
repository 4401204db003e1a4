-- Newest accepted version.
SELECT version
FROM model_versions FINAL
WHERE model = {model:String} AND status = 'accepted'
ORDER BY created DESC, version DESC
LIMIT 1
