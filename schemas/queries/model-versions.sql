-- Every decided version of a model with what a release says about it.
SELECT
    model, version, request_id, status, reasons, parent, created, sha256, uri, log_loss_before, log_loss_after,
    validation_rows
FROM model_versions FINAL
WHERE model = {model:String}
