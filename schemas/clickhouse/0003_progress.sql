CREATE TABLE IF NOT EXISTS progress
(
    model LowCardinality(String) COMMENT 'Model',
    stage LowCardinality(String) COMMENT 'serving, labels or skew: which panes',
    stream_time DateTime64(3, 'UTC') COMMENT 'Watermark of the stage: every pane that ends at or before it has its verdicts, incidents and events',
    version UInt64 COMMENT 'Grows with every write',
    written_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'Wall clock of the write'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (model, stage)
COMMENT 'How far the decisions have got in event time';
