SELECT kind, feature, segment, count() AS windows, max(effect) AS largest, any(effect_unit) AS unit, min(window_start) AS first
FROM drift_history
WHERE verdict = 'drift'
GROUP BY kind, feature, segment
ORDER BY windows DESC
LIMIT 20
