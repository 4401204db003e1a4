-- Log-loss of the labels of a range of label time above what each version had on its validation, summed.
SELECT sum(p.n) AS rows, sum(p.loss - p.n * v.baseline_log_loss) AS nats
FROM performance_panes AS p FINAL
INNER JOIN
(
    SELECT pane_start, revision
    FROM pane_revisions FINAL
    WHERE model = {model:String} AND stream = 'labels' AND bins_id = ''
) AS r ON p.pane_start = r.pane_start AND p.revision = r.revision
INNER JOIN
(
    SELECT concat('version=', version) AS segment, baseline_log_loss
    FROM model_versions FINAL
    WHERE model = {model:String} AND isNotNull(baseline_log_loss)
) AS v ON p.segment = v.segment
WHERE p.model = {model:String}
    AND p.pane_start >= {from:DateTime64(3, 'UTC')} AND p.pane_start < {until:DateTime64(3, 'UTC')}
