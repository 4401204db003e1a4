-- Decisions about the challengers of a model, oldest first.
SELECT decision_id, experiment, number, action, champion, challenger, share, decided, reasons, gain, gain_low, gain_high,
    labels, need, ratio_p
FROM experiment_decisions FINAL
WHERE model = {model:String}
ORDER BY decided, experiment, number
