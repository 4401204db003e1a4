-- Retrain requests of one model as they were put into the outbox.
SELECT request_id, incident_id, cause, requested, train_from, train_until, onset
FROM retrain_requests FINAL
WHERE model = {model:String}
