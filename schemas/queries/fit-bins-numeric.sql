-- Quantile edges of one numeric feature on a reference, with its moments. One row per feature.
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
    'numeric' AS kind,
    arraySort(arrayDistinct(quantilesExactIf(
        0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
        0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)(assumeNotNull(_x), isFinite(_x)))) AS edges,
    CAST([], 'Array(String)') AS categories,
    CAST([], 'Array(String)') AS others,
    uniqExact(_x) AS distinct,
    if(countIf(isFinite(_x)) = 0, NULL, avgIf(_x, isFinite(_x))) AS mean,
    if(countIf(isFinite(_x)) < 2, NULL, stddevSampIf(_x, isFinite(_x))) AS sd
FROM
(
    SELECT toFloat64({feature:Identifier}) AS _x
    FROM rows
)
/* END */
