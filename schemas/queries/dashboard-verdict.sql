-- One answer with its whole evidence, and the newest revision there is of it.
SELECT
    v.verdict_id AS verdict_id, v.model AS model, v.kind AS kind, v.feature AS feature, v.segment AS segment,
    v.window_start AS window_start, v.window_end AS window_end, v.revision AS revision, v.verdict AS verdict,
    v.statistic AS statistic, v.value AS value, v.p_value AS p_value, v.effect AS effect,
    v.effect_unit AS effect_unit, v.effect_floor AS effect_floor, v.threshold AS threshold, v.n AS n, v.m AS m,
    v.need AS need, v.reference_id AS reference_id, v.version AS version, v.detail AS detail,
    v.topic AS topic, v.partitions AS partitions, v.first_offsets AS first_offsets, v.end_offsets AS end_offsets,
    v.config_hash AS config_hash, v.code_version AS code_version, v.stream_time AS stream_time
FROM verdicts AS v FINAL
WHERE v.verdict_id = {verdict_id:UUID}
LIMIT 1
