CREATE TABLE IF NOT EXISTS model_receipts
(
    model LowCardinality(String) COMMENT 'Model',
    version String COMMENT 'Released version',
    parent String COMMENT 'Version it replaced, scored on the same rows',
    request_id UUID COMMENT 'Retrain request that led to it',
    verdict LowCardinality(String) COMMENT 'helped, did not, rolled back or insufficient',
    reason String COMMENT 'The verdict in one sentence',
    window_start DateTime64(3, 'UTC') COMMENT 'Event time of the first row it answered',
    window_end DateTime64(3, 'UTC') COMMENT 'End of the rows measured, exclusive',
    labels UInt64 COMMENT 'Labelled rows of the window that it answered',
    days UInt32 COMMENT 'Days of these rows: what the standard error rests on; 0 when insufficient',
    predicted_gain Nullable(Float64) COMMENT 'Before the release: mean log-loss of the parent minus its own on the validation rows, nats; null when not compared',
    predicted_se Nullable(Float64) COMMENT 'Standard error of predicted_gain',
    measured_gain Nullable(Float64) COMMENT 'After the release: mean log-loss of the parent minus its own on the rows it answered, nats; null when insufficient',
    measured_se Nullable(Float64) COMMENT 'Standard error of measured_gain, clustered by day',
    gain_low Nullable(Float64) COMMENT 'Lower end of the 95% interval of measured_gain',
    gain_high Nullable(Float64) COMMENT 'Upper end of the 95% interval of measured_gain',
    parent_loss Nullable(Float64) COMMENT 'Mean log-loss of the parent, replayed on these rows',
    own_loss Nullable(Float64) COMMENT 'Mean log-loss of the version on these rows, as logged',
    need UInt64 COMMENT 'insufficient: labels or days needed, else 0',
    have UInt64 COMMENT 'insufficient: labels or days there, else 0',
    written_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'Wall clock of the write'
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (model, version)
COMMENT 'What each release promised and what came of it, measured against its parent on the same rows'
