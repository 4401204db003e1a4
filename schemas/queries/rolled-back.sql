-- Versions that were rolled back and do not answer since: by an experiment or by a person.
SELECT challenger AS version
FROM experiment_decisions FINAL
WHERE model = {model:String} AND challenger != '' AND action IN ('roll back', 'promote')
GROUP BY challenger
HAVING argMax(action, written_at) = 'roll back'
