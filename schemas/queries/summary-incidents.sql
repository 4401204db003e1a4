-- Every transition of every incident, in order.
SELECT incident_id, revision, transition, kind, severity, status, began, reported, features, segments, summary,
    carrier, change, cost, cost_basis, cost_rows, retrain
FROM incidents FINAL
WHERE model = {model:String}
ORDER BY reported, incident_id, revision
