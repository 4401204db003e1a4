-- What the tests of each model may have cost so far in false pages, against what was allowed.
SELECT
    model,
    stage,
    count() AS windows,
    sum(window_tests) AS window_tests,
    sum(evidence_tests) AS evidence_tests,
    sum(budget) AS budget,
    sum(expected) AS expected,
    sum(budget) - sum(expected) AS left,
    sum(alarms) AS alarms
FROM budget_ledger FINAL
GROUP BY GROUPING SETS ((model, stage), (model))
ORDER BY model, stage
