-- Feature-skew counts of one pane at the revision named in pane_revisions.
SELECT segment, feature, joined, training_only, serving_only, matches, mismatches, training_value_only,
    serving_value_only, both_null, difference, training_total, serving_total
FROM skew_panes FINAL
WHERE model = {model:String} AND pane_start = {from:DateTime64(3, 'UTC')} AND revision = {revision:UInt32}
ORDER BY feature, segment
