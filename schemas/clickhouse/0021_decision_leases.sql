CREATE TABLE IF NOT EXISTS decision_leases
(
    model LowCardinality(String) COMMENT 'Model',
    epoch UInt64 COMMENT 'Grows whenever a processor begins to decide for the model; what an older epoch writes is refused',
    owner String COMMENT 'Who took it; of two with one epoch the larger decides',
    written_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'Wall clock of the write'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, epoch, owner)
COMMENT 'Who decides for a model: verdicts, incidents, events and panes are written only under the newest lease';
