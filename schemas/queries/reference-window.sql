-- Whether a reference was fitted: written after its bins and panes.
SELECT reference_id
FROM reference_windows FINAL
WHERE model = {model:String} AND reference_id = {reference_id:String}
