SELECT partition, offset, reason, detail
FROM dead_letters FINAL
WHERE topic = {topic:String}
ORDER BY partition, offset
