-- Records of one pane per anomaly of their writer schema, dead letters within its offsets included. Only what had
-- come up by then counts, with 0 records when it has stopped: what came later must not change the answer.
WITH
    stored AS
    (
        SELECT toNullable(_id) AS schema_id, _records AS records
        FROM
        (
            SELECT _schema_id AS _id, count() AS _records
            FROM {table:Identifier} FINAL
            WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
            GROUP BY _id
        )
    ),
    dead AS
    (
        SELECT schema_id, reason, count() AS records, any(detail) AS detail
        FROM dead_letters FINAL
        WHERE topic = {topic:String} AND has({partitions:Array(Int32)}, partition)
            AND offset >= {first_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, partition)]
            AND offset < {end_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, partition)]
        GROUP BY schema_id, reason
    ),
    judged AS
    (
        SELECT schema_id, class, field, verdict, detail
        FROM writer_schemas FINAL
        -- What came up after the pane is not said about it: when it was read in must make no difference.
        WHERE topic = {topic:String} AND class != 'none' AND class != '' AND began < {until:DateTime64(3, 'UTC')}
    )
SELECT j.class AS class, j.field AS field, any(j.verdict) AS verdict, any(j.detail) AS detail,
    sum(ifNull(s.records, 0)) + sum(ifNull(d.records, 0)) AS records
FROM judged AS j
LEFT JOIN stored AS s ON toNullable(j.schema_id) = s.schema_id
LEFT JOIN (SELECT schema_id, sum(records) AS records FROM dead GROUP BY schema_id) AS d ON toNullable(j.schema_id) = d.schema_id
GROUP BY class, field
UNION ALL
SELECT k.reason AS class, '' AS field, 'refused' AS verdict, any(k.detail) AS detail, sum(ifNull(d.records, 0)) AS records
FROM
(
    SELECT reason, any(detail) AS detail
    FROM dead_letters FINAL
    WHERE topic = {topic:String} AND has({partitions:Array(Int32)}, partition)
        AND offset < {end_offsets:Array(Int64)}[indexOf({partitions:Array(Int32)}, partition)]
        AND (isNull(schema_id) OR schema_id NOT IN (SELECT schema_id FROM judged))
    GROUP BY reason
) AS k
LEFT JOIN
(
    SELECT reason, sum(records) AS records
    FROM dead
    WHERE isNull(schema_id) OR schema_id NOT IN (SELECT schema_id FROM judged)
    GROUP BY reason
) AS d ON k.reason = d.reason
GROUP BY k.reason
ORDER BY class, field
