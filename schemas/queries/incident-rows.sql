-- Every transition of the incidents of one model, with what is known of each.
SELECT incident_id, revision, transition, model, kind, severity, status, began, opened, reported, features, segments,
    findings, cause, summary, reason, first_kind, first_feature, first_segment, carrier, carrier_share, carrier_rows,
    concept_change, change, change_at, cost, cost_basis, cost_rows, retrain
FROM incidents FINAL
WHERE model = {model:String}
ORDER BY incident_id, revision
