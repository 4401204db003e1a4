-- Joint signatures of a range of event time as the decisions read them: the exact revision named in pane_revisions.
SELECT j.pane_start AS pane_start, j.n AS n, j.sums AS sums, j.products AS products, j.fourier AS fourier
FROM joint_panes AS j FINAL
INNER JOIN
(
    SELECT pane_start, revision
    FROM pane_revisions FINAL
    WHERE model = {model:String} AND stream = {stream:String} AND bins_id = {bins_id:String}
        AND pane_start >= {from:DateTime64(3, 'UTC')} AND pane_start < {until:DateTime64(3, 'UTC')}
) AS r ON j.pane_start = r.pane_start AND j.revision = r.revision
WHERE j.model = {model:String} AND j.stream = {stream:String} AND j.bins_id = {bins_id:String}
    AND j.pane_start >= {from:DateTime64(3, 'UTC')} AND j.pane_start < {until:DateTime64(3, 'UTC')} AND j.segment = ''
ORDER BY pane_start
