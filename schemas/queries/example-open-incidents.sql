SELECT severity, kind, began, features, summary
FROM
(
    SELECT *
    FROM incidents FINAL
    ORDER BY revision DESC
    LIMIT 1 BY model, incident_id
)
WHERE status = 'open'
ORDER BY severity, began
LIMIT 50
