-- Revision of every pane that its verdicts were last given for.
SELECT stage, window_start, revision
FROM budget_ledger FINAL
WHERE model = {model:String}
