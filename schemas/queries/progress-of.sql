-- How far the decisions about one model have got.
SELECT stage, stream_time
FROM progress FINAL
WHERE model = {model:String}
