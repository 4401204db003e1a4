CREATE TABLE IF NOT EXISTS shadow_predictions
(
    model LowCardinality(String) COMMENT 'Model',
    version LowCardinality(String) COMMENT 'Version that scored without answering',
    example_id String COMMENT 'Example, as in the serving table',
    event_time DateTime64(3, 'UTC') COMMENT 'Event time of the example',
    prediction Float64 COMMENT 'What it would have answered',
    _partition Int32 COMMENT 'Partition of shadow-predictions',
    _offset Int64 COMMENT 'Offset of shadow-predictions'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, version, toStartOfHour(event_time), _partition, _offset)
COMMENT 'Predictions of shadow versions: scored beside the answer, never given';

CREATE TABLE IF NOT EXISTS experiment_decisions
(
    decision_id UUID COMMENT 'Deterministic id: experiment and number of the decision; the release_id on model-releases',
    model LowCardinality(String) COMMENT 'Model',
    experiment String COMMENT 'Experiment: one per challenger',
    number UInt32 COMMENT 'Decisions of this experiment before it',
    action LowCardinality(String) COMMENT 'shadow, step, promote or roll back',
    champion String COMMENT 'Version that answers what is not split, after the decision',
    challenger String COMMENT 'Version that is tested',
    share Float64 COMMENT 'Share of the ids that the challenger answers after the decision',
    decided DateTime64(3, 'UTC') COMMENT 'Event time of the labels that had been reached',
    reasons Array(String) COMMENT 'Why, in words',
    gain Nullable(Float64) COMMENT 'Mean log-loss of the champion minus that of the challenger, nats; null when insufficient',
    gain_low Nullable(Float64) COMMENT 'Lower end of its confidence sequence, right at all times at once with chance 95%',
    gain_high Nullable(Float64) COMMENT 'Upper end',
    labels UInt64 COMMENT 'Labels behind the gain',
    need UInt64 COMMENT 'insufficient: labels or answers needed, else 0',
    ratio_p Nullable(Float64) COMMENT 'Chance of so wrong a split if ids go where they should; null before the first',
    change String COMMENT 'JSON: the change of traffic as it is put on model-releases',
    written_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'Wall clock of the write'
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (model, experiment, number)
COMMENT 'What was decided about challengers that were tested on live traffic, and on what evidence'
