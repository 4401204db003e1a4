-- Log-loss that the predictions of a range of event time imply, their entropy, above what each version had on its
-- validation, summed. Rounded as in performance-pane.sql, so that the order of the rows does not count.
SELECT count() AS rows, sum(-s._p * log(s._p) - (1 - s._p) * log(1 - s._p) - v._baseline + 402653184. - 402653184.) AS nats
FROM
(
    SELECT toString({version:Identifier}) AS _version, greatest(least(toFloat64({prediction:Identifier}), 1 - 1e-15), 1e-15) AS _p
    FROM {serving:Identifier} FINAL
    WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
        AND isNotNull({prediction:Identifier})
) AS s
INNER JOIN
(
    SELECT version AS _registered, assumeNotNull(baseline_log_loss) AS _baseline
    FROM model_versions FINAL
    WHERE model = {model:String} AND isNotNull(baseline_log_loss)
) AS v ON s._version = v._registered
