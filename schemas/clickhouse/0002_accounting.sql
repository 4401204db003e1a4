CREATE TABLE IF NOT EXISTS stored_messages
(
    _topic LowCardinality(String) COMMENT 'Kafka topic',
    _partition Int32 COMMENT 'Kafka partition',
    _offset Int64 COMMENT 'Kafka offset; with _topic and _partition the identity of the row',
    _schema_id Int64 COMMENT 'Registry id of the schema it was written with'
)
ENGINE = Merge(currentDatabase(), '^(training|serving|labels)_')
COMMENT 'The rows of all raw tables, whichever models there are; a repeated row may show until it is merged away';

CREATE VIEW IF NOT EXISTS accounting
(
    topic String COMMENT 'Kafka topic',
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
