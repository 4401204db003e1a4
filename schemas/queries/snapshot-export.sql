-- The labelled rows of a snapshot, deduplicated, in a fixed order: the same ranges give the same bytes.
SELECT _partition, _offset, {columns:Identifiers}
FROM {table:Identifier} FINAL
WHERE event_time >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND event_time < fromUnixTimestamp64Milli({until_ms:Int64}, 'UTC')
    AND isNotNull({label:Identifier})
    AND has({partitions:Array(Int32)}, _partition)
    AND _offset >= {first_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, _partition)]
    AND _offset < {end_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, _partition)]
ORDER BY _partition, _offset
SETTINGS
    max_threads = 1,
    output_format_parquet_compression_method = 'zstd',
    output_format_parquet_row_group_size = 100000,
    output_format_parquet_parallel_encoding = 0
FORMAT Parquet
