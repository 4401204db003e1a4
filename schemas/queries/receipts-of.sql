-- Receipts of a model, oldest version first.
SELECT version, parent, verdict, labels, measured_gain
FROM model_receipts FINAL
WHERE model = {model:String}
ORDER BY toUInt64OrZero(substring(version, 2))
