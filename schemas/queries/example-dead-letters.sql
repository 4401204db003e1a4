SELECT topic, reason, schema_id, count() AS messages, any(detail) AS detail, min(offset) AS first_offset
FROM dead_letters FINAL
GROUP BY topic, reason, schema_id
ORDER BY messages DESC
LIMIT 50
