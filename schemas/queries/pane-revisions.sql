-- Newest revision of every pane of one stream.
SELECT pane_start, revision, rows, partitions, first_offsets, end_offsets,
    joined_partitions, joined_first_offsets, joined_end_offsets, version
FROM pane_revisions FINAL
WHERE model = {model:String} AND stream = {stream:String} AND bins_id = {bins_id:String}
ORDER BY pane_start
