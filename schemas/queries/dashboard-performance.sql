-- Log-loss per day and model version at the revisions named in pane_revisions.
SELECT
    toStartOfDay(p.pane_start) AS day,
    substring(p.segment, length('version=') + 1) AS version,
    sum(p.n) AS rows,
    sum(p.loss) AS loss,
    sum(p.loss_squares) AS loss_squares
FROM performance_panes AS p FINAL
INNER JOIN
(
    SELECT pane_start, revision
    FROM pane_revisions FINAL
    WHERE model = {model:String} AND stream = 'labels' AND bins_id = ''
) AS r ON p.pane_start = r.pane_start AND p.revision = r.revision
WHERE p.model = {model:String} AND startsWith(p.segment, 'version=')
    AND p.pane_start >= {from:DateTime64(3, 'UTC')} AND p.pane_start < {until:DateTime64(3, 'UTC')}
GROUP BY day, version
ORDER BY day, version
LIMIT 10000
