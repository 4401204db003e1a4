-- The ledger of false pages summed to date. Without a stage: the model; without a model: all of them, whose
-- budget is that of driftwatch.yaml.
CREATE VIEW IF NOT EXISTS budget_to_date
(
    model LowCardinality(String) COMMENT 'Model; empty for all models together',
    stage LowCardinality(String) COMMENT 'serving, labels or skew: which tests; empty for all of them together',
    since DateTime64(3, 'UTC') COMMENT 'Start of the first judged window',
    until DateTime64(3, 'UTC') COMMENT 'Start of the newest judged window',
    windows UInt64 COMMENT 'Judged windows',
    window_tests UInt64 COMMENT 'Cells judged on one window alone',
    evidence_tests UInt64 COMMENT 'Cells whose evidence over windows grew',
    budget Float64 COMMENT 'False pages allowed for the time of these windows',
    expected Float64 COMMENT 'False pages expected of the tests made so far',
    spent Float64 COMMENT 'Share of the budget that the tests made may have cost: expected / budget',
    alarms UInt64 COMMENT 'Cells that asked for a page, rightly or not'
)
AS SELECT
    ledger.model AS model,
    ledger.stage AS stage,
    min(ledger.window_start) AS since,
    max(ledger.window_start) AS until,
    count() AS windows,
    sum(ledger.window_tests) AS window_tests,
    sum(ledger.evidence_tests) AS evidence_tests,
    sum(ledger.budget) AS budget,
    sum(ledger.expected) AS expected,
    if(sum(ledger.budget) > 0, sum(ledger.expected) / sum(ledger.budget), 0) AS spent,
    sum(ledger.alarms) AS alarms
FROM (SELECT * FROM budget_ledger FINAL) AS ledger
GROUP BY GROUPING SETS ((ledger.model, ledger.stage), (ledger.model), ())
COMMENT 'False pages allowed, expected and spent so far, per model and stage, per model, and for all together'
