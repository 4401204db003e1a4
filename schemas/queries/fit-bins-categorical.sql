-- The most frequent values of one categorical feature on a reference. One row per feature.
INSERT INTO bins (bins_id, model, feature, kind, edges, categories, others, distinct, mean, sd)
WITH
    rows AS
    (
        WITH
            /* INCLUDE profile-columns */
        SELECT *
            /* EACH profile  */, {column:Identifier} /* END */
        FROM {table:Identifier} FINAL
        WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
            AND /* INCLUDE offset-ranges */
    )
/* EACH named UNION ALL */
SELECT
    {bins_id:String} AS bins_id,
    {model:String} AS model,
    {feature_name:String} AS feature,
    'categorical' AS kind,
    CAST([], 'Array(Float64)') AS edges,
    arraySlice(values, 1, {top:UInt32}) AS categories,
    arraySlice(values, {top:UInt32} + 1, 100000) AS others,
    length(values) AS distinct,
    CAST(NULL, 'Nullable(Float64)') AS mean,
    CAST(NULL, 'Nullable(Float64)') AS sd
FROM
(
    SELECT groupArray(_v) AS values
    FROM
    (
        SELECT toString(assumeNotNull({feature:Identifier})) AS _v, count() AS _c
        FROM rows
        WHERE isNotNull({feature:Identifier})
        GROUP BY _v
        ORDER BY _c DESC, _v
    )
)
/* END */
