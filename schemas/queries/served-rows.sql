-- Served rows of a window of event time in offset order, each with the newest label of its id where there is one.
-- An empty version means all versions. One of the lists number and text has an entry: how the label is read; `class` has
-- the classes of a label of classes, each of which gets a column with the probability that was answered.
-- Labels count from `labels_from_ms` on, and only those of the rows are kept in memory.
SELECT s.*, if(l._known, l._y, NULL) AS _label
FROM
(
    SELECT _partition, _offset, toString({id:Identifier}) AS _k, {columns:Identifiers}
        /* EACH class  */, toFloat64({probabilities:Identifier}[{class:String}]) AS {chance:Identifier} /* END */
    FROM {serving:Identifier} FINAL
    WHERE event_time >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
        AND event_time < fromUnixTimestamp64Milli({until_ms:Int64}, 'UTC')
        AND ({only:String} = '' OR {version:Identifier} = {only:String})
) AS s
LEFT JOIN
(
    SELECT toString({label_id:Identifier}) AS _k, /* EACH number  */ toFloat64({label:Identifier}) AS _y /* END */
        /* EACH text  */ toString({label:Identifier}) AS _y /* END */, true AS _known
    FROM {labels:Identifier} FINAL
    WHERE event_time >= fromUnixTimestamp64Milli({labels_from_ms:Int64}, 'UTC') AND isNotNull({label:Identifier})
        AND toString({label_id:Identifier}) IN
        (
            SELECT toString({id:Identifier})
            FROM {serving:Identifier}
            WHERE event_time >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
                AND event_time < fromUnixTimestamp64Milli({until_ms:Int64}, 'UTC')
        )
    ORDER BY event_time DESC, _partition, _offset DESC
    LIMIT 1 BY _k
) AS l ON s._k = l._k
ORDER BY s._partition, s._offset
SETTINGS output_format_parquet_compression_method = 'zstd'
FORMAT Parquet
