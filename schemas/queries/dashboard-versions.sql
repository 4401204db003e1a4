-- Trained versions of one model with their lineage, in order. request_id finds the request and the incident behind it.
SELECT version, request_id, status, reasons, parent, created, sha256, uri, snapshot_sha256, snapshot_rows, window_start,
    window_end, topic, partitions, first_offsets, end_offsets, log_loss_before, log_loss_after, validation_rows,
    baseline_log_loss, baseline_log_loss_sd, config, metrics
FROM model_versions FINAL
WHERE model = {model:String}
ORDER BY created, length(version), version
LIMIT 500
