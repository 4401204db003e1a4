-- Log-loss per label of one pane, in label order: what a stream detector reads.
SELECT if(l.y = 1, -log(p), -log(1 - p)) AS loss, (p >= 0.5) != (l.y = 1) AS wrong
FROM
(
    SELECT {id:Identifier} AS k, {label:Identifier} AS y, event_time AS at, _partition AS part, _offset AS off
    FROM {labels:Identifier} FINAL
    WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
    ORDER BY event_time DESC, _partition, _offset DESC
    LIMIT 1 BY k
) AS l
INNER JOIN
(
    SELECT {id:Identifier} AS k, greatest(least(toFloat64({prediction:Identifier}), 1 - 1e-15), 1e-15) AS p
    FROM {serving:Identifier} FINAL
    WHERE event_time >= {since:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
    ORDER BY event_time DESC, _partition, _offset DESC
    LIMIT 1 BY k
) AS s ON l.k = s.k
ORDER BY l.at, l.part, l.off
