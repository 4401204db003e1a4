-- Offset ranges of the labelled training rows of a window of event time, as far as they are accounted for.
WITH
(
    SELECT (groupArray(partition), groupArray(floor))
    FROM ledger FINAL
    WHERE topic = {topic:String}
) AS floors
SELECT
    _partition AS partition,
    min(_offset) AS first_offset,
    max(_offset) + 1 AS end_offset,
    count() AS rows,
    arraySort(groupUniqArray(_schema_id)) AS schema_ids
FROM {table:Identifier} FINAL
WHERE event_time >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND event_time < fromUnixTimestamp64Milli({until_ms:Int64}, 'UTC')
    AND isNotNull({label:Identifier})
    AND (NOT has(floors.1, _partition) OR _offset < floors.2[indexOf(floors.1, _partition)])
GROUP BY _partition
ORDER BY partition
