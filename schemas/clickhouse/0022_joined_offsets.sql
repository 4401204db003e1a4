ALTER TABLE pane_revisions
    ADD COLUMN IF NOT EXISTS joined_partitions Array(Int32) DEFAULT [] COMMENT 'Partitions of the rows that they were joined to; empty for panes of one stream' AFTER end_offsets,
    ADD COLUMN IF NOT EXISTS joined_first_offsets Array(Int64) DEFAULT [] COMMENT 'Smallest offset per joined partition' AFTER joined_partitions,
    ADD COLUMN IF NOT EXISTS joined_end_offsets Array(Int64) DEFAULT [] COMMENT 'Largest offset per joined partition, plus one' AFTER joined_first_offsets;

ALTER TABLE verdicts
    ADD COLUMN IF NOT EXISTS joined_topic LowCardinality(String) DEFAULT '' COMMENT 'Kafka topic of the other side of the join: training for feature-skew, predictions for concept-drift, else empty' AFTER end_offsets,
    ADD COLUMN IF NOT EXISTS joined_partitions Array(Int32) DEFAULT [] COMMENT 'Partitions of the other side' AFTER joined_topic,
    ADD COLUMN IF NOT EXISTS joined_first_offsets Array(Int64) DEFAULT [] COMMENT 'First offset per partition of the other side, inclusive' AFTER joined_partitions,
    ADD COLUMN IF NOT EXISTS joined_end_offsets Array(Int64) DEFAULT [] COMMENT 'End offset per partition of the other side, exclusive' AFTER joined_first_offsets;
