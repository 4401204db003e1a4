-- Nothing has written axes so far.
DROP TABLE IF EXISTS joint_axes;

CREATE TABLE joint_axes
(
    bins_id String COMMENT 'Bins the axes were frozen with; the reference of the joint signature',
    model LowCardinality(String) COMMENT 'Model',
    features Array(String) COMMENT 'Field of each axis; axes of numeric fields come first',
    edges Array(Array(Float64)) COMMENT 'Per axis of a numeric field: edges of its bins',
    scores Array(Array(Float64)) COMMENT 'Per axis of a numeric field: normal score of each bin, from bin 0',
    categories Array(String) COMMENT 'Per axis of a category: the category',
    weights Array(Array(Float64)) COMMENT 'Per axis of a category: score of any other value, score of the category',
    first Array(UInt16) COMMENT 'Random Fourier features: position of the first axis of each, from 1',
    second Array(UInt16) COMMENT 'Random Fourier features: position of the second axis of each, from 1',
    along_first Array(Float64) COMMENT 'Random Fourier features: radians per unit of score of the first axis',
    along_second Array(Float64) COMMENT 'Random Fourier features: radians per unit of score of the second axis',
    phase Array(Float64) COMMENT 'Random Fourier features: radians'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, bins_id)
COMMENT 'What rows are turned into before their joint distribution is summed: frozen on a reference, mean 0 and variance 1 there';

ALTER TABLE incidents ADD COLUMN IF NOT EXISTS concept_change LowCardinality(String) DEFAULT '' COMMENT 'concept-drift: covariate drift, label shift, change of P(y|x), none, or insufficient when that could not be told; else empty';

ALTER TABLE verdicts COMMENT COLUMN effect_unit 'sd, share, nats, or correlation for joint-drift: change of a correlation, -1 to 1'
