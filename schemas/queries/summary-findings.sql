-- Findings as a person reads them, newest revision each, without those that late rows took back.
SELECT finding_id, incident_id, kind, class, feature, segment, status, began, reported, last_seen, windows, effect, effect_unit, evidence
FROM findings FINAL
WHERE model = {model:String} AND status != 'retracted'
ORDER BY reported, kind, feature, segment
