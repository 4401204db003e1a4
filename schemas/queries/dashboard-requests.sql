-- Retrain requests of one model, in order.
SELECT request_id, incident_id, cause, requested, train_from, train_until
FROM retrain_requests FINAL
WHERE model = {model:String}
ORDER BY requested, request_id
LIMIT 500
