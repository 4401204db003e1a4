SELECT schema_id, verdict, class, field, toUnixTimestamp64Milli(began) AS began_ms
FROM writer_schemas FINAL
WHERE topic = {topic:String}
ORDER BY schema_id, class, field
