SELECT window_start, verdict, value, p_value, effect, effect_unit, n, m, JSONExtractString(detail, 'evidence') AS evidence
FROM drift_history
WHERE kind = 'distribution-skew' AND feature = 'temperature_f' AND segment = ''
ORDER BY window_start DESC
LIMIT 31
