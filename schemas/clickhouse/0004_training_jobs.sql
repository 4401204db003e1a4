CREATE TABLE IF NOT EXISTS training_jobs
(
    request_id UUID COMMENT 'Retrain request; one job per request',
    model LowCardinality(String) COMMENT 'Model',
    version String COMMENT 'Version the job will produce',
    topic LowCardinality(String) COMMENT 'Topic of the examples',
    window_start DateTime64(3, 'UTC') COMMENT 'Event time of the first example wanted',
    window_end DateTime64(3, 'UTC') COMMENT 'Event time after the last example wanted',
    partitions Array(Int32) COMMENT 'Partitions of the snapshot',
    first_offsets Array(Int64) COMMENT 'First offset per partition, inclusive',
    end_offsets Array(Int64) COMMENT 'End offset per partition, exclusive',
    rows UInt64 COMMENT 'Labelled rows in these ranges when they were fixed',
    schema_ids Array(Int64) COMMENT 'Writer schemas of these rows',
    planned_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'Wall clock of the write'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, request_id)
COMMENT 'What a training job reads, fixed before it reads anything: a job that starts over reads the same rows'
