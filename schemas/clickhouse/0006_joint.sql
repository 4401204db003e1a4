CREATE TABLE IF NOT EXISTS joint_axes
(
    bins_id String COMMENT 'Bins the axes were frozen with; the reference of the joint signature',
    model LowCardinality(String) COMMENT 'Model',
    features Array(String) COMMENT 'Field of each axis; axes of numeric fields come first',
    categories Array(String) COMMENT 'The category an axis stands for; empty for a numeric field',
    scores Array(Array(Float64)) COMMENT 'numeric: normal score of each bin, from bin 0; category: score of any other value, score of the category',
    first Array(UInt16) COMMENT 'Random Fourier features: position of the first axis of each, from 1',
    second Array(UInt16) COMMENT 'Random Fourier features: position of the second axis of each, from 1',
    along_first Array(Float64) COMMENT 'Random Fourier features: radians per unit of score of the first axis',
    along_second Array(Float64) COMMENT 'Random Fourier features: radians per unit of score of the second axis',
    phase Array(Float64) COMMENT 'Random Fourier features: radians'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, bins_id)
COMMENT 'What rows are turned into before their joint distribution is summed: frozen on a reference, mean 0 and variance 1 there';

CREATE TABLE IF NOT EXISTS joint_panes
(
    model LowCardinality(String) COMMENT 'Model',
    stream LowCardinality(String) COMMENT 'training, serving, or reference',
    bins_id String COMMENT 'Axes of the sums; see joint_axes',
    pane_start DateTime64(3, 'UTC') COMMENT 'Start of the slice of event time; for stream reference the start of the reference window',
    revision UInt32 COMMENT 'Revision of the pane: read the one named in pane_revisions',
    segment LowCardinality(String) COMMENT 'Empty for all rows, else field=value',
    n UInt64 COMMENT 'Rows',
    sums Array(Float64) COMMENT 'Sum of the scores, per axis',
    products Array(Float64) COMMENT 'Sum of the products of two scores, per pair of axes (1,1), (1,2), ..., (2,2), (2,3), ...',
    fourier Array(Float64) COMMENT 'Sum of the random Fourier features'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, stream, bins_id, pane_start, revision, segment)
COMMENT 'Joint signature of one slice of event time: slices add up with sumForEach, and any two of the same axes can be compared';
