ALTER TABLE shadow_predictions
    ADD COLUMN IF NOT EXISTS classes Array(LowCardinality(String)) DEFAULT [] COMMENT 'Of a model of classes: the classes it knows; empty for other models' AFTER prediction,
    ADD COLUMN IF NOT EXISTS probabilities Array(Float64) DEFAULT [] COMMENT 'Probability of each of classes' AFTER classes,
    COMMENT COLUMN prediction 'What it would have answered; of classes the probability of the likeliest'
