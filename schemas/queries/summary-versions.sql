-- Trained versions with the decision on each.
SELECT version, status, reasons, parent, created, request_id, snapshot_rows, validation_rows, log_loss_before, log_loss_after
FROM model_versions FINAL
WHERE model = {model:String}
ORDER BY created, version
