-- Incidents of one model as they are now, the newest first; the number of transitions is what was known in steps.
SELECT
    incident_id,
    revision,
    kind,
    severity,
    status,
    began,
    reported,
    features,
    segments,
    length(findings) AS finding_count,
    summary,
    retrain,
    first_reported
FROM
(
    SELECT
        *,
        min(reported) OVER (PARTITION BY incident_id) AS first_reported
    FROM incidents FINAL
    WHERE model = {model:String}
    ORDER BY revision DESC
    LIMIT 1 BY incident_id
)
ORDER BY first_reported DESC, incident_id
LIMIT {limit:UInt32}
