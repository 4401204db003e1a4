SELECT
    toStartOfWeek(p.pane_start, 1) AS week,
    p.segment AS version,
    sum(p.loss) / sum(p.n) AS log_loss,
    sum(p.n) AS labels
FROM performance_panes AS p FINAL
INNER JOIN pane_revisions AS r FINAL ON p.model = r.model AND p.pane_start = r.pane_start AND p.revision = r.revision
WHERE r.stream = 'labels' AND startsWith(p.segment, 'version=')
GROUP BY week, version
HAVING labels > 0
ORDER BY week, version
LIMIT 500
