-- Every transition of one incident, in order.
SELECT incident_id, revision, transition, model, kind, severity, status, began, reported, features, segments, cause, summary, reason,
    first_kind, first_feature, first_segment, carrier, carrier_share, carrier_rows, change, change_at, cost, cost_basis, cost_rows, retrain
FROM incidents FINAL
WHERE incident_id = {incident_id:UUID}
ORDER BY revision
