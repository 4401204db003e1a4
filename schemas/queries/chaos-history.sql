-- The whole history of a model as a run ends with it, in a fixed order; ids are left out, they hold the model's name.
SELECT kind, feature, segment, window_start, window_end, verdict, statistic, value, p_value, effect, effect_unit, n, m, need,
    version, revision, detail
FROM drift_history
WHERE model = {model:String}
ORDER BY kind, feature, segment, window_start, statistic
