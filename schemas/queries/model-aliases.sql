-- Versions of a model by what they do now.
SELECT alias, version, share, experiment, decided
FROM model_aliases
WHERE model = {model:String}
ORDER BY indexOf(['champion', 'challenger', 'shadow'], alias), version
