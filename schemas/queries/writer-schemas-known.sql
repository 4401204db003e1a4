SELECT schema_id, verdict, min(toUnixTimestamp64Milli(began)) AS began_ms
FROM writer_schemas FINAL
WHERE topic = {topic:String}
GROUP BY schema_id, verdict
