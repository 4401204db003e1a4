-- Findings of one incident, the one that began first on top.
SELECT finding_id, kind, class, feature, segment, status, began, reported, last_seen, windows, value, p_value, effect,
    effect_unit, evidence
FROM findings FINAL
WHERE model = {model:String} AND incident_id = {incident_id:UUID}
ORDER BY began, reported, kind, feature, segment, class
LIMIT 500
