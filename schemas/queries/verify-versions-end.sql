-- End of the newest training window: references need the rows before it.
SELECT max(window_end) AS until, count() AS versions
FROM model_versions FINAL
WHERE model = {model:String}
