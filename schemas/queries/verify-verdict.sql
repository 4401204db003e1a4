-- One verdict as it is stored, and the newest revision there is of the same answer.
SELECT verdict_id, model, kind, feature, segment, window_start, window_end, revision, verdict, statistic, value, p_value,
    effect, effect_unit, effect_floor, threshold, n, m, need, reference_id, version, detail, topic, partitions,
    first_offsets, end_offsets, joined_topic, joined_partitions, joined_first_offsets, joined_end_offsets, rows, config_hash, code_version, stream_time
FROM verdicts FINAL
WHERE verdict_id = {verdict_id:UUID}
