-- Log-loss per label of one pane, in label order: what a stream detector reads. Rounded as in performance-pane.sql.
SELECT if(l._y = 1, -log(s._p), -log(1 - s._p)) + 402653184. - 402653184. AS loss, (s._p >= 0.5) != (l._y = 1) AS wrong
FROM
(
    SELECT {id:Identifier} AS _k, {label:Identifier} AS _y, event_time AS _at, _partition AS _part, _offset AS _off
    FROM {labels:Identifier} FINAL
    WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
    ORDER BY event_time DESC, _partition, _offset DESC
    LIMIT 1 BY _k
) AS l
INNER JOIN
(
    SELECT {id:Identifier} AS _k, greatest(least(toFloat64({prediction:Identifier}), 1 - 1e-15), 1e-15) AS _p
    FROM {serving:Identifier} FINAL
    WHERE event_time >= {since:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
    ORDER BY event_time DESC, _partition, _offset DESC
    LIMIT 1 BY _k
) AS s ON l._k = s._k
ORDER BY l._at, l._part, l._off
