-- What the trainer decided about one request.
SELECT status, reasons
FROM model_versions FINAL
WHERE model = {model:String} AND request_id = {request_id:UUID}
