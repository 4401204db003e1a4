CREATE TABLE IF NOT EXISTS analyses
(
    model LowCardinality(String) COMMENT 'Model',
    version String COMMENT 'Version that was analysed',
    source LowCardinality(String) COMMENT 'validation: the rows it was validated on; served: rows that were served',
    window_start DateTime64(3, 'UTC') COMMENT 'Event time of the first row',
    window_end DateTime64(3, 'UTC') COMMENT 'Event time of the last row',
    kind LowCardinality(String) COMMENT 'metric, confusion, slice, importance, calibration, residual, dependence, fairness or worst row',
    name String COMMENT 'What it is of: a metric, a slice, a feature, a day, a group and its criterion, an example id',
    place UInt32 COMMENT 'Order within the kind and name',
    value Nullable(Float64) COMMENT 'The number; null when insufficient',
    low Nullable(Float64) COMMENT 'Lower end of its 95% interval, where it has one',
    high Nullable(Float64) COMMENT 'Upper end of its 95% interval, where it has one',
    n UInt64 COMMENT 'Rows it rests on',
    detail String COMMENT 'Further numbers as JSON',
    written_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'Wall clock of the write'
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (model, version, source, window_start, window_end, kind, name, place)
COMMENT 'What driftwatch analyse found: metrics with intervals, weakest slices, importance, dependence, fairness, worst rows'
