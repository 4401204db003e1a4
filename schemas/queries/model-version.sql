-- One trained version with its lineage.
SELECT version, topic, partitions, first_offsets, end_offsets, window_start, window_end, snapshot_rows,
    baseline_log_loss, baseline_log_loss_sd, validation_rows, metrics,
    JSONExtractFloat(metrics, 'validation', 'squared_error') AS squared_error
FROM model_versions FINAL
WHERE model = {model:String} AND version = {version:String}
