-- The plan of one training job, if it has one.
SELECT version, topic, window_start, window_end, partitions, first_offsets, end_offsets, rows, schema_ids
FROM training_jobs FINAL
WHERE model = {model:String} AND request_id = {request_id:UUID}
