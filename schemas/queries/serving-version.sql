-- Model version that answered most of the rows of a range of event time.
SELECT {version:Identifier} AS version, count() AS rows
FROM {table:Identifier} FINAL
WHERE event_time >= {from:DateTime64(3, 'UTC')} AND event_time < {until:DateTime64(3, 'UTC')}
GROUP BY version
ORDER BY rows DESC, version
LIMIT 1
