-- Event times of the first and last row that each version answered.
SELECT _version AS version, min(event_time) AS first, max(event_time) AS last, count() AS rows
FROM
(
    SELECT {version:Identifier} AS _version, event_time FROM {serving:Identifier} FINAL
)
GROUP BY _version
