CREATE TABLE IF NOT EXISTS traffic_states
(
    model LowCardinality(String) COMMENT 'Model',
    aliases Array(LowCardinality(String)) COMMENT 'champion, challenger or shadow, of each of versions',
    versions Array(String) COMMENT 'Versions that answer or score after the record, the champion first',
    shares Array(Float64) COMMENT 'Share of the ids that each of versions answers, 0 to 1; 0 for a shadow',
    experiment String COMMENT 'Experiment under way, empty without one',
    decided DateTime64(3, 'UTC') COMMENT 'Time of the record: stream time, or wall clock when a person decided',
    _offset Int64 COMMENT 'Offset of the record on model-releases'
)
ENGINE = ReplacingMergeTree
ORDER BY (model, _offset)
COMMENT 'Who answers after each record of model-releases, as read from the topic: what it was at any time';

CREATE VIEW IF NOT EXISTS model_aliases
(
    model LowCardinality(String) COMMENT 'Model',
    alias LowCardinality(String) COMMENT 'champion: answers what is not split; challenger: answers some of the ids; shadow: scores without answering',
    version String COMMENT 'Version that goes by the alias now',
    share Float64 COMMENT 'Share of the ids that it answers, 0 to 1; 0 for a shadow',
    experiment String COMMENT 'Experiment under way, empty without one',
    decided DateTime64(3, 'UTC') COMMENT 'Time of the record that says so: stream time, or wall clock when a person decided',
    release_offset Int64 COMMENT 'Offset of that record on model-releases'
)
AS SELECT model, alias, version, share, experiment, decided, _offset AS release_offset
FROM
(
    SELECT *
    FROM traffic_states FINAL
    ORDER BY _offset DESC
    LIMIT 1 BY model
)
ARRAY JOIN aliases AS alias, versions AS version, shares AS share
COMMENT 'Aliases of each model now: champion, challenger, shadow, by the newest record of model-releases'
