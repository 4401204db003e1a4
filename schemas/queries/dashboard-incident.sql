-- Every transition of one incident, in order.
SELECT incident_id, revision, transition, model, kind, severity, status, began, reported, features, segments, cause, summary, retrain
FROM incidents FINAL
WHERE incident_id = {incident_id:UUID}
ORDER BY revision
