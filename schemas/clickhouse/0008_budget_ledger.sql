CREATE TABLE IF NOT EXISTS budget_ledger
(
    model LowCardinality(String) COMMENT 'Model',
    stage LowCardinality(String) COMMENT 'serving, labels or skew: which tests',
    window_start DateTime64(3, 'UTC') COMMENT 'Start of the judged window',
    revision UInt32 COMMENT 'Revision of the panes judged; late rows give a new one, which counts instead',
    window_tests UInt32 COMMENT 'Cells judged on this window alone',
    evidence_tests UInt32 COMMENT 'Cells whose evidence over windows grew',
    budget Float64 COMMENT 'False pages allowed for the time of this window, for the tests of this stage',
    expected Float64 COMMENT 'False pages expected of the tests made: the sum of their levels and of 1 / threshold of evidence',
    alarms UInt32 COMMENT 'Cells that asked for a page in this window, rightly or not; a drift that lasts is counted once',
    written_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'Wall clock of the write'
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY (model, stage, window_start)
COMMENT 'What the tests made so far may have cost in false pages, against the budget: one row per judged window'
