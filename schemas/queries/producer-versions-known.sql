SELECT version, min(toUnixTimestamp64Milli(began)) AS began_ms
FROM producer_versions FINAL
WHERE topic = {topic:String}
GROUP BY version
