-- Starts of the panes of one stream up to a window, with its rows.
SELECT DISTINCT pane_start
FROM pane_revisions FINAL
WHERE model = {model:String} AND stream = {stream:String} AND pane_start <= {until:DateTime64(3, 'UTC')}
ORDER BY pane_start
