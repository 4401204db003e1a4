-- A decision of an experiment by its number.
SELECT decision_id, decided, reasons, change
FROM experiment_decisions FINAL
WHERE model = {model:String} AND experiment = {experiment:String} AND number = {number:UInt32}
