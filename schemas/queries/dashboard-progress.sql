-- How far the decisions about one model have got, and whether they got anywhere in the last two minutes.
SELECT stage, stream_time, written_at > now64(3) - INTERVAL 2 MINUTE AS moving
FROM progress FINAL
WHERE model = {model:String}
ORDER BY stage
