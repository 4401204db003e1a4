-- Version that answers what is not split after the newest decision about a challenger.
SELECT champion
FROM experiment_decisions FINAL
WHERE model = {model:String}
ORDER BY written_at DESC, number DESC
LIMIT 1
