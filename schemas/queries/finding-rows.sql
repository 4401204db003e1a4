-- Newest row of every finding of one model.
SELECT finding_id, revision, incident_id, model, kind, class, feature, segment, status, began, reported, last_seen,
    windows, value, p_value, effect, effect_unit, evidence
FROM findings FINAL
WHERE model = {model:String}
