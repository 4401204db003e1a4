CREATE TABLE IF NOT EXISTS ledger
(
    topic LowCardinality(String) COMMENT 'Kafka topic',
    partition Int32 COMMENT 'Kafka partition',
    version UInt64 COMMENT 'Grows with every write; the newest row of a partition is the truth',
    epoch UInt64 COMMENT 'Grows whenever a processor takes the partition over; a write of an older epoch is refused',
    owner String COMMENT 'Processor that wrote the row',
    floor Int64 COMMENT 'Every offset below this one is accounted for',
    consumed UInt64 COMMENT 'Messages seen below floor; gaps of control records are not messages',
    max_event_time DateTime64(3, 'UTC') COMMENT 'Largest event time stored so far, for the watermark',
    written_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'Wall clock of the write'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (topic, partition)
COMMENT 'How far each partition has been taken in: resume starts from here, by set difference against what is stored';

CREATE TABLE IF NOT EXISTS dead_letters
(
    topic LowCardinality(String) COMMENT 'Kafka topic the message came from',
    partition Int32 COMMENT 'Kafka partition',
    offset Int64 COMMENT 'Kafka offset',
    schema_id Nullable(Int64) COMMENT 'Writer schema id in the message, where one could be read',
    reason LowCardinality(String) COMMENT 'One of a closed list: empty, not-framed, unknown-schema, foreign-schema, truncated, trailing-bytes, malformed, contract, refused',
    detail String COMMENT 'The exact field or byte, in words',
    key String COMMENT 'Message key, raw bytes',
    payload String COMMENT 'Message value, raw bytes',
    appended_at DateTime64(3, 'UTC') COMMENT 'Broker append time of the message',
    written_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'Wall clock of the write'
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, offset)
COMMENT 'Messages that were not stored as rows, with the reason and the raw bytes';

CREATE TABLE IF NOT EXISTS tombstones
(
    topic LowCardinality(String) COMMENT 'Kafka topic',
    partition Int32 COMMENT 'Kafka partition',
    offset Int64 COMMENT 'Kafka offset',
    key String COMMENT 'Message key, raw bytes'
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, offset)
COMMENT 'Messages without a value: counted, never stored';

CREATE TABLE IF NOT EXISTS writer_schemas
(
    topic LowCardinality(String) COMMENT 'Topic whose messages named the schema',
    schema_id Int64 COMMENT 'Id in the registry',
    verdict LowCardinality(String) COMMENT 'accepted or refused',
    class LowCardinality(String) COMMENT 'Class of schema skew, or none',
    field String COMMENT 'Field the class is about, empty for none',
    detail String COMMENT 'Expected against received, in words',
    first_partition Int32 COMMENT 'Partition of the message it was first seen in',
    first_offset Int64 COMMENT 'Offset of the message it was first seen in',
    began DateTime64(3, 'UTC') COMMENT 'Event time of the first record written with it; stream time where the record cannot be read',
    definition String COMMENT 'The Avro schema as registered',
    standing UInt64 MATERIALIZED if(verdict = 'accepted', 4398046511104, 0) + toUInt64(4102444800000 - toUnixTimestamp64Milli(began)) COMMENT 'The larger stays: accepted before refused, then the earliest, whichever process wrote last'
)
ENGINE = ReplacingMergeTree(standing)
ORDER BY (topic, schema_id, class, field)
COMMENT 'Every writer schema met on a topic, judged against the contract';

CREATE TABLE IF NOT EXISTS bins
(
    bins_id String COMMENT 'Hash of the edges and categories of all features of one reference',
    model LowCardinality(String) COMMENT 'Model',
    feature LowCardinality(String) COMMENT 'Field of the contract',
    kind LowCardinality(String) COMMENT 'numeric or categorical',
    edges Array(Float64) COMMENT 'numeric: ascending inner edges; bin 0 is below the first, bin i is [edge i, edge i+1), the last is open',
    categories Array(String) COMMENT 'categorical: the most frequent values of the reference, bin i is value i; other values of the reference share bin K',
    others Array(String) COMMENT 'categorical: values of the reference beyond the most frequent, up to a cap; a value in neither list is unseen',
    distinct UInt64 COMMENT 'Distinct values in the reference',
    mean Nullable(Float64) COMMENT 'numeric: mean of the finite values of the reference',
    sd Nullable(Float64) COMMENT 'numeric: standard deviation of the finite values of the reference'
)
ENGINE = ReplacingMergeTree
ORDER BY (bins_id, model, feature)
COMMENT 'Frozen bins, published with every number that used them. Codes below 0: -1 null, -2 NaN, -3 -Inf, -4 +Inf, -5 unseen';

CREATE TABLE IF NOT EXISTS reference_windows
(
    reference_id String COMMENT 'Deterministic id of the reference',
    model LowCardinality(String) COMMENT 'Model',
    version String COMMENT 'Model version trained on it, empty for a data-drift reference',
    bins_id String COMMENT 'Bins fitted on it',
    stream LowCardinality(String) COMMENT 'training or serving',
    window_start DateTime64(3, 'UTC') COMMENT 'Start of event time, inclusive',
    window_end DateTime64(3, 'UTC') COMMENT 'End of event time, exclusive',
    topic LowCardinality(String) COMMENT 'Topic of the rows',
    partitions Array(Int32) COMMENT 'Partitions of the rows',
    first_offsets Array(Int64) COMMENT 'First offset per partition, inclusive',
    end_offsets Array(Int64) COMMENT 'End offset per partition, exclusive',
    rows UInt64 COMMENT 'Rows in it'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, reference_id)
COMMENT 'What windows are compared with: training snapshots and frozen serving windows';

CREATE TABLE IF NOT EXISTS panes
(
    model LowCardinality(String) COMMENT 'Model',
    stream LowCardinality(String) COMMENT 'training, serving, or reference',
    bins_id String COMMENT 'Bins of the codes',
    pane_start DateTime64(3, 'UTC') COMMENT 'Start of the slice of event time; for stream reference the start of the reference window',
    revision UInt32 COMMENT 'Revision of the pane: read the one named in pane_revisions',
    segment LowCardinality(String) COMMENT 'Empty for all rows, else field=value',
    feature LowCardinality(String) COMMENT 'Field of the contract',
    n UInt64 COMMENT 'Rows',
    codes Array(Int32) COMMENT 'Bin codes present, ascending; see bins',
    counts Array(UInt64) COMMENT 'Rows per code',
    finite UInt64 COMMENT 'numeric: rows with a finite value',
    total Float64 COMMENT 'numeric: sum of the finite values',
    squares Float64 COMMENT 'numeric: sum of squares of the finite values',
    minimum Nullable(Float64) COMMENT 'numeric: smallest finite value',
    maximum Nullable(Float64) COMMENT 'numeric: largest finite value',
    distinct UInt64 COMMENT 'Distinct values'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, stream, bins_id, pane_start, revision, segment, feature)
COMMENT 'Counts per bin of one slice of event time: a pure function of its deduplicated rows';

CREATE TABLE IF NOT EXISTS pane_revisions
(
    model LowCardinality(String) COMMENT 'Model',
    stream LowCardinality(String) COMMENT 'training, serving, labels, or reference',
    bins_id String COMMENT 'Bins of the pane, empty for labels',
    pane_start DateTime64(3, 'UTC') COMMENT 'Start of the slice of event time',
    revision UInt32 COMMENT 'Newest revision; 0 is the first',
    pane_end DateTime64(3, 'UTC') COMMENT 'End of the slice, exclusive',
    rows UInt64 COMMENT 'Deduplicated rows it was computed from',
    partitions Array(Int32) COMMENT 'Partitions of the rows',
    first_offsets Array(Int64) COMMENT 'Smallest offset per partition',
    end_offsets Array(Int64) COMMENT 'Largest offset per partition, plus one',
    version String COMMENT 'serving: model version that answered most of the rows',
    watermark DateTime64(3, 'UTC') COMMENT 'Stream time at which it was computed'
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY (model, stream, bins_id, pane_start)
COMMENT 'Which revision of a pane is the one to read; written after its rows';

CREATE TABLE IF NOT EXISTS performance_panes
(
    model LowCardinality(String) COMMENT 'Model',
    pane_start DateTime64(3, 'UTC') COMMENT 'Start of the slice of label time',
    revision UInt32 COMMENT 'Revision of the pane',
    segment LowCardinality(String) COMMENT 'Empty for all rows, else field=value; version=... for one model version',
    n UInt64 COMMENT 'Labels joined to a prediction',
    unmatched UInt64 COMMENT 'Labels without a prediction',
    positives UInt64 COMMENT 'Labels that are 1',
    loss Float64 COMMENT 'Sum of the log-loss, natural logarithm',
    loss_squares Float64 COMMENT 'Sum of the squares of the log-loss',
    expected Float64 COMMENT 'Sum of the entropy of the predictions: the log-loss that a calibrated model expects of itself',
    excess_squares Float64 COMMENT 'Sum of the squares of log-loss minus its expectation',
    brier Float64 COMMENT 'Sum of (prediction - label)^2',
    predicted Float64 COMMENT 'Sum of the predictions',
    errors UInt64 COMMENT 'Rows where the prediction at 0.5 was wrong'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, pane_start, revision, segment)
COMMENT 'Labels joined to predictions, reduced per slice of label time';

CREATE TABLE IF NOT EXISTS skew_panes
(
    model LowCardinality(String) COMMENT 'Model',
    pane_start DateTime64(3, 'UTC') COMMENT 'Start of the slice of event time',
    revision UInt32 COMMENT 'Revision of the pane',
    segment LowCardinality(String) COMMENT 'Empty for all rows, else field=value',
    feature LowCardinality(String) COMMENT 'Field of the contract',
    joined UInt64 COMMENT 'Ids on both sides',
    training_only UInt64 COMMENT 'Ids only in training',
    serving_only UInt64 COMMENT 'Ids only in serving',
    matches UInt64 COMMENT 'Both have a value and they agree within the tolerance',
    mismatches UInt64 COMMENT 'Both have a value and they differ',
    training_value_only UInt64 COMMENT 'Only training has a value',
    serving_value_only UInt64 COMMENT 'Only serving has a value',
    both_null UInt64 COMMENT 'Neither has a value',
    difference Float64 COMMENT 'numeric: sum of serving minus training over the mismatches',
    training_total Float64 COMMENT 'numeric: sum of the training values over the mismatches',
    serving_total Float64 COMMENT 'numeric: sum of the serving values over the mismatches'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, pane_start, revision, segment, feature)
COMMENT 'The same example in training and in serving, joined by id, compared feature by feature';

CREATE TABLE IF NOT EXISTS verdicts
(
    verdict_id UUID COMMENT 'Deterministic id: model, kind, statistic, feature, segment, window, configuration, revision',
    model LowCardinality(String) COMMENT 'Model',
    kind LowCardinality(String) COMMENT 'schema-skew, feature-skew, distribution-skew, data-drift or concept-drift',
    feature LowCardinality(String) COMMENT 'Field of the contract; the metric for concept-drift',
    segment LowCardinality(String) COMMENT 'Empty for all rows, else field=value',
    window_start DateTime64(3, 'UTC') COMMENT 'Start of the current window, inclusive',
    window_end DateTime64(3, 'UTC') COMMENT 'End of the current window, exclusive',
    revision UInt32 COMMENT 'Grows when late rows change the window; drift_history shows the newest',
    verdict LowCardinality(String) COMMENT 'ok, drift, insufficient or no-reference',
    statistic LowCardinality(String) COMMENT 'What value is',
    value Nullable(Float64) COMMENT 'The statistic; null when insufficient',
    p_value Nullable(Float64) COMMENT 'Probability of such a value without any drift, by the law named in detail',
    effect Nullable(Float64) COMMENT 'Size of the difference in human units',
    effect_unit LowCardinality(String) COMMENT 'sd, share or nats',
    effect_floor Float64 COMMENT 'Smallest effect that counts, as configured',
    threshold Float64 COMMENT 'Largest p-value that counts, after the number of cells tested',
    n UInt64 COMMENT 'Rows in the current window',
    m UInt64 COMMENT 'Rows in the reference window',
    need UInt64 COMMENT 'insufficient: rows needed, else 0',
    reference_id String COMMENT 'What it was compared with; empty for no-reference',
    version String COMMENT 'Model version that served the window',
    detail String COMMENT 'JSON: law, bins, codes that moved most, counts behind the number',
    partitions Array(Int32) COMMENT 'Partitions of the rows behind the current window',
    first_offsets Array(Int64) COMMENT 'Smallest offset per partition',
    end_offsets Array(Int64) COMMENT 'Largest offset per partition, plus one',
    config_hash String COMMENT 'Hash of the settings behind it',
    code_version String COMMENT 'driftwatch version that computed it',
    stream_time DateTime64(3, 'UTC') COMMENT 'Event time that had been reached when it was reported'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, kind, window_start, feature, segment, statistic, revision)
COMMENT 'Every answer ever given, revision by revision';

CREATE VIEW IF NOT EXISTS drift_history
(
    model String COMMENT 'Model',
    kind String COMMENT 'schema-skew, feature-skew, distribution-skew, data-drift or concept-drift',
    feature String COMMENT 'Field of the contract; the metric for concept-drift',
    segment String COMMENT 'Empty for all rows, else field=value',
    window_start DateTime64(3, 'UTC') COMMENT 'Start of the current window, inclusive',
    window_end DateTime64(3, 'UTC') COMMENT 'End of the current window, exclusive',
    verdict String COMMENT 'ok, drift, insufficient or no-reference',
    statistic String COMMENT 'What value is',
    value Nullable(Float64) COMMENT 'The statistic; null when insufficient',
    p_value Nullable(Float64) COMMENT 'Probability of such a value without any drift, by the law named in detail',
    effect Nullable(Float64) COMMENT 'Size of the difference in human units',
    effect_unit String COMMENT 'sd, share or nats',
    n UInt64 COMMENT 'Rows in the current window',
    m UInt64 COMMENT 'Rows in the reference window',
    need UInt64 COMMENT 'insufficient: rows needed, else 0',
    reference_id String COMMENT 'What it was compared with',
    version String COMMENT 'Model version that served the window',
    revision UInt32 COMMENT 'Revision shown: the newest',
    verdict_id UUID COMMENT 'Row in verdicts with the whole evidence',
    detail String COMMENT 'JSON: law, bins, codes that moved most, counts behind the number'
)
AS SELECT
    model, kind, feature, segment, window_start, window_end, verdict, statistic, value, p_value, effect,
    effect_unit, n, m, need, reference_id, version, revision, verdict_id, detail
FROM verdicts FINAL
ORDER BY revision DESC
LIMIT 1 BY model, kind, window_start, feature, segment, statistic
COMMENT 'The documented way in: one row per model, kind, feature, segment and window, newest revision';

CREATE TABLE IF NOT EXISTS findings
(
    finding_id UUID COMMENT 'Deterministic id: model, kind, feature, segment, first window',
    revision UInt32 COMMENT 'Grows with every change of the finding',
    incident_id UUID COMMENT 'Incident it belongs to',
    model LowCardinality(String) COMMENT 'Model',
    kind LowCardinality(String) COMMENT 'schema-skew, feature-skew, distribution-skew, data-drift or concept-drift',
    class LowCardinality(String) COMMENT 'schema-skew: what differs; else the statistic',
    feature LowCardinality(String) COMMENT 'Field of the contract; the metric for concept-drift',
    segment LowCardinality(String) COMMENT 'Empty for all rows, else field=value',
    status LowCardinality(String) COMMENT 'open, closed or retracted',
    began DateTime64(3, 'UTC') COMMENT 'Event time it began',
    reported DateTime64(3, 'UTC') COMMENT 'Event time that had been reached when it was first reported',
    last_seen DateTime64(3, 'UTC') COMMENT 'End of the last window that showed it',
    windows UInt32 COMMENT 'Windows that showed it',
    value Nullable(Float64) COMMENT 'Statistic in the window with the largest effect',
    p_value Nullable(Float64) COMMENT 'Its p-value',
    effect Nullable(Float64) COMMENT 'Largest effect so far',
    effect_unit LowCardinality(String) COMMENT 'sd, share or nats',
    evidence String COMMENT 'The evidence in one sentence'
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY (model, finding_id)
COMMENT 'Runs of drift verdicts of one feature and segment';

CREATE TABLE IF NOT EXISTS incidents
(
    incident_id UUID COMMENT 'Deterministic id: model, kind and the first finding',
    revision UInt32 COMMENT 'Grows with every transition; all revisions are kept',
    transition LowCardinality(String) COMMENT 'open, update, resolve or retract',
    model LowCardinality(String) COMMENT 'Model',
    kind LowCardinality(String) COMMENT 'Kind of the first mover',
    severity LowCardinality(String) COMMENT 'WARNING or ALERT',
    status LowCardinality(String) COMMENT 'open, resolved or retracted',
    began DateTime64(3, 'UTC') COMMENT 'Event time of the first mover',
    reported DateTime64(3, 'UTC') COMMENT 'Event time that had been reached at this transition',
    features Array(String) COMMENT 'Features of its findings, first mover first',
    segments Array(String) COMMENT 'Segments of its findings',
    findings Array(UUID) COMMENT 'Its findings',
    cause String COMMENT 'What is known of the cause, in words',
    summary String COMMENT 'One sentence for the person on call',
    retrain LowCardinality(String) COMMENT 'requested, or why not'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, incident_id, revision)
COMMENT 'One row per transition of an incident: what was known at that time stays readable';

CREATE TABLE IF NOT EXISTS outbox
(
    event_id UUID COMMENT 'Deterministic id of the event, ce_id on the topic',
    sequence UInt64 COMMENT 'Order of writing within one processor',
    topic LowCardinality(String) COMMENT 'Topic to publish on',
    key String COMMENT 'Message key',
    type LowCardinality(String) COMMENT 'CloudEvents type',
    event_time DateTime64(3, 'UTC') COMMENT 'CloudEvents time: stream time of the event',
    body String COMMENT 'The record as JSON',
    written_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'Wall clock of the write'
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, event_id)
COMMENT 'Events to publish: written first, published second, marked third';

CREATE TABLE IF NOT EXISTS outbox_marks
(
    event_id UUID COMMENT 'Event of the outbox',
    topic LowCardinality(String) COMMENT 'Topic it was published on',
    partition Int32 COMMENT 'Partition it landed on',
    offset Int64 COMMENT 'Offset it landed on',
    written_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'Wall clock of the write'
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, event_id)
COMMENT 'Events of the outbox that are on their topic';

CREATE TABLE IF NOT EXISTS retrain_requests
(
    request_id UUID COMMENT 'Deterministic id; the trainer does a request once',
    model LowCardinality(String) COMMENT 'Model',
    incident_id Nullable(UUID) COMMENT 'Incident that asked for it; null when a person did',
    cause String COMMENT 'Why, in words',
    requested DateTime64(3, 'UTC') COMMENT 'Stream time of the request',
    train_from DateTime64(3, 'UTC') COMMENT 'Event time of the first example wanted',
    train_until DateTime64(3, 'UTC') COMMENT 'Event time of the last example wanted, exclusive'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, request_id)
COMMENT 'Retrain requests as they were put into the outbox';

CREATE TABLE IF NOT EXISTS model_versions
(
    model LowCardinality(String) COMMENT 'Model',
    version String COMMENT 'Version, v1 upwards',
    request_id UUID COMMENT 'Retrain request it answers',
    status LowCardinality(String) COMMENT 'accepted or rejected',
    reasons Array(String) COMMENT 'Why, in words',
    parent String COMMENT 'Champion it was compared with, empty for the first',
    created DateTime64(3, 'UTC') COMMENT 'Stream time of the decision',
    sha256 String COMMENT 'Hash of model.onnx',
    uri String COMMENT 'Where model.onnx and manifest.json are, relative to the model store',
    snapshot_sha256 String COMMENT 'Hash of the Parquet snapshot',
    snapshot_rows UInt64 COMMENT 'Labelled rows in the snapshot',
    window_start DateTime64(3, 'UTC') COMMENT 'Event time of the first example',
    window_end DateTime64(3, 'UTC') COMMENT 'Event time of the last example, exclusive',
    topic LowCardinality(String) COMMENT 'Topic of the examples',
    partitions Array(Int32) COMMENT 'Partitions of the snapshot',
    first_offsets Array(Int64) COMMENT 'First offset per partition, inclusive',
    end_offsets Array(Int64) COMMENT 'End offset per partition, exclusive',
    log_loss_before Nullable(Float64) COMMENT 'Champion on the newest labelled days; null for the first version',
    log_loss_after Nullable(Float64) COMMENT 'This version on the same rows; null for a request that could not be trained',
    validation_rows UInt64 COMMENT 'Rows both were measured on',
    baseline_log_loss Nullable(Float64) COMMENT 'Mean log-loss on the validation rows: what performance is compared with while it serves; null for a request that could not be trained',
    baseline_log_loss_sd Nullable(Float64) COMMENT 'Standard deviation of the log-loss per row; null for a request that could not be trained',
    config String COMMENT 'JSON: hyperparameters and seed',
    metrics String COMMENT 'JSON: all metrics with their sample sizes'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, version)
COMMENT 'Every trained version, released or rejected, with its lineage';
