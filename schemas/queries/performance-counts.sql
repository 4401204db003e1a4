-- Performance panes of a range of label time at the revisions named in pane_revisions.
SELECT p.pane_start AS pane_start, p.segment AS segment, p.n AS n, p.unmatched AS unmatched, p.positives AS positives,
    p.loss AS loss, p.loss_squares AS loss_squares, p.expected AS expected,
    p.excess_squares AS excess_squares, p.brier AS brier, p.predicted AS predicted, p.errors AS errors
FROM performance_panes AS p FINAL
INNER JOIN
(
    SELECT pane_start, revision
    FROM pane_revisions FINAL
    WHERE model = {model:String} AND stream = 'labels' AND bins_id = ''
) AS r ON p.pane_start = r.pane_start AND p.revision = r.revision
WHERE p.model = {model:String}
    AND p.pane_start >= {from:DateTime64(3, 'UTC')} AND p.pane_start < {until:DateTime64(3, 'UTC')}
ORDER BY pane_start, segment
