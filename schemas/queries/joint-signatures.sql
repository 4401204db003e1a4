-- Joint signatures of whole panes, in order of time; of each pane the revision that was written last.
SELECT pane_start, segment, n, sums, products, fourier
FROM joint_panes FINAL
WHERE model = {model:String} AND stream = {stream:String} AND bins_id = {bins_id:String}
    AND pane_start >= {from:DateTime64(3, 'UTC')} AND pane_start < {until:DateTime64(3, 'UTC')}
ORDER BY revision DESC
LIMIT 1 BY pane_start, segment
