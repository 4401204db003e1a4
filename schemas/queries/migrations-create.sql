CREATE TABLE IF NOT EXISTS migrations
(
    name String COMMENT 'File in schemas/clickhouse',
    sha256 String COMMENT 'Hash of the file as it was applied',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'Wall clock of the application'
)
ENGINE = ReplacingMergeTree
ORDER BY name
COMMENT 'DDL files that have been applied to this database'
