-- Trained versions of one model with their lineage and their receipts, in order. request_id finds the request and the
-- incident behind it.
SELECT v.version AS version, request_id, status, reasons, v.parent AS parent, created, sha256, uri, snapshot_sha256, snapshot_rows,
    window_start, window_end, topic, partitions, first_offsets, end_offsets, log_loss_before, log_loss_after, validation_rows,
    baseline_log_loss, baseline_log_loss_sd, config, metrics,
    b.version != '' AS rolled_back, a.aliases AS aliases, a.share AS share, r.verdict AS receipt, r.reason AS receipt_reason, r.labels AS receipt_labels,
    r.predicted_gain AS predicted_gain, r.measured_gain AS measured_gain, r.gain_low AS gain_low, r.gain_high AS gain_high
FROM
(
    SELECT * FROM model_versions FINAL WHERE model = {model:String}
) AS v
LEFT JOIN
(
    SELECT version, verdict, reason, labels, predicted_gain, measured_gain, gain_low, gain_high
    FROM model_receipts FINAL
    WHERE model = {model:String}
) AS r ON v.version = r.version
LEFT JOIN
(
    SELECT challenger AS version
    FROM experiment_decisions FINAL
    WHERE model = {model:String} AND challenger != '' AND action IN ('roll back', 'promote')
    GROUP BY challenger
    HAVING argMax(action, written_at) = 'roll back'
) AS b ON v.version = b.version
LEFT JOIN
(
    SELECT version, groupArray(alias) AS aliases, sum(share) AS share
    FROM model_aliases
    WHERE model = {model:String}
    GROUP BY version
) AS a ON v.version = a.version
ORDER BY created, length(v.version), v.version
LIMIT 500
