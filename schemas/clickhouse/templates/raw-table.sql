CREATE TABLE IF NOT EXISTS {{table}}
(
    {{columns}},
    INDEX offset_index _offset TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(least(greatest(event_time, toDateTime64('2000-01-01 00:00:00', 3, 'UTC')), toDateTime64('2099-12-31 23:59:59', 3, 'UTC')))
ORDER BY (toStartOfHour(event_time), _partition, _offset)
COMMENT {{comment}}
