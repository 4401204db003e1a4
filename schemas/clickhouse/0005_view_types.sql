-- The views with the types that the columns have: ClickHouse 26.7 cannot answer `segment = ''` on a view that says
-- String where the table says LowCardinality(String).
CREATE OR REPLACE VIEW drift_history
(
    model LowCardinality(String) COMMENT 'Model',
    kind LowCardinality(String) COMMENT 'schema-skew, feature-skew, distribution-skew, data-drift or concept-drift',
    feature LowCardinality(String) COMMENT 'Field of the contract; the metric for concept-drift',
    segment LowCardinality(String) COMMENT 'Empty for all rows, else field=value',
    window_start DateTime64(3, 'UTC') COMMENT 'Start of the current window, inclusive',
    window_end DateTime64(3, 'UTC') COMMENT 'End of the current window, exclusive',
    verdict LowCardinality(String) COMMENT 'ok, drift, insufficient or no-reference',
    statistic LowCardinality(String) COMMENT 'What value is',
    value Nullable(Float64) COMMENT 'The statistic; null when insufficient',
    p_value Nullable(Float64) COMMENT 'Probability of such a value without any drift, by the law named in detail',
    effect Nullable(Float64) COMMENT 'Size of the difference in human units',
    effect_unit LowCardinality(String) COMMENT 'sd, share or nats',
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

CREATE OR REPLACE VIEW accounting
(
    topic LowCardinality(String) COMMENT 'Kafka topic',
    partition Int32 COMMENT 'Kafka partition',
    floor Int64 COMMENT 'Every offset below this one is accounted for',
    consumed UInt64 COMMENT 'Messages seen below floor',
    stored UInt64 COMMENT 'Distinct offsets below floor in the raw table',
    dead_letters UInt64 COMMENT 'Distinct offsets below floor in dead_letters',
    tombstones UInt64 COMMENT 'Distinct offsets below floor in tombstones',
    unexplained Int64 COMMENT 'consumed - stored - dead_letters - tombstones: 0, or something is wrong'
)
AS WITH
    newest AS
    (
        SELECT topic, partition, argMax(floor, version) AS floor, argMax(consumed, version) AS consumed
        FROM ledger
        GROUP BY topic, partition
    ),
    found AS
    (
        SELECT _topic AS topic, _partition AS partition, _offset AS at, 'stored' AS kind FROM stored_messages
        UNION ALL
        SELECT topic, partition, offset AS at, 'dead letter' AS kind FROM dead_letters
        UNION ALL
        SELECT topic, partition, offset AS at, 'tombstone' AS kind FROM tombstones
    ),
    counted AS
    (
        SELECT
            found.topic AS topic,
            found.partition AS partition,
            uniqExactIf(found.at, found.kind = 'stored') AS stored,
            uniqExactIf(found.at, found.kind = 'dead letter') AS dead_letters,
            uniqExactIf(found.at, found.kind = 'tombstone') AS tombstones
        FROM found
        INNER JOIN newest ON found.topic = newest.topic AND found.partition = newest.partition
        WHERE found.at < newest.floor
        GROUP BY topic, partition
    )
SELECT
    newest.topic AS topic,
    newest.partition AS partition,
    newest.floor AS floor,
    newest.consumed AS consumed,
    counted.stored AS stored,
    counted.dead_letters AS dead_letters,
    counted.tombstones AS tombstones,
    toInt64(newest.consumed) - toInt64(counted.stored) - toInt64(counted.dead_letters)
        - toInt64(counted.tombstones) AS unexplained
FROM newest
LEFT JOIN counted ON newest.topic = counted.topic AND newest.partition = counted.partition
ORDER BY topic, partition
COMMENT 'Where every message went, per partition. Reads the offsets of all rows: for a look, not for every second';
