CREATE TABLE IF NOT EXISTS producer_versions
(
    topic LowCardinality(String) COMMENT 'Topic whose messages named the version',
    version String COMMENT 'Value of the header producer_version, its first 200 characters',
    first_partition Int32 COMMENT 'Partition of the message it was first seen in',
    first_offset Int64 COMMENT 'Offset of the message it was first seen in',
    began DateTime64(3, 'UTC') COMMENT 'Event time of the first record that named it; stream time where the record cannot be read',
    standing UInt64 MATERIALIZED toUInt64(4102444800000 - toUnixTimestamp64Milli(began)) COMMENT 'The larger stays: the earliest, whichever process wrote last'
)
ENGINE = ReplacingMergeTree(standing)
ORDER BY (topic, version)
COMMENT 'Every version of a producer met on a topic, as its messages name it in the header producer_version; at most 1,000 a topic'
