ALTER TABLE incidents
    ADD COLUMN IF NOT EXISTS opened DateTime64(3, 'UTC') DEFAULT reported COMMENT 'Event time that had been reached when it was first reported',
    ADD COLUMN IF NOT EXISTS reason String DEFAULT '' COMMENT 'Why it was corrected: what late rows did to the verdicts it rests on; empty while rows came in time',
    ADD COLUMN IF NOT EXISTS first_kind LowCardinality(String) DEFAULT kind COMMENT 'First mover in event time: kind of drift',
    ADD COLUMN IF NOT EXISTS first_feature LowCardinality(String) DEFAULT features[1] COMMENT 'First mover in event time: field of the contract, or the metric',
    ADD COLUMN IF NOT EXISTS first_segment LowCardinality(String) DEFAULT '' COMMENT 'First mover in event time: segment, empty for all rows',
    ADD COLUMN IF NOT EXISTS carrier LowCardinality(String) DEFAULT '' COMMENT 'Smallest segment that carries the change, field=value; empty when it is spread over all',
    ADD COLUMN IF NOT EXISTS carrier_share Nullable(Float64) DEFAULT NULL COMMENT 'Share of the change that is in the carrier, 0 to 1',
    ADD COLUMN IF NOT EXISTS carrier_rows UInt64 DEFAULT 0 COMMENT 'Rows of the carrier in the window with the largest effect',
    ADD COLUMN IF NOT EXISTS change String DEFAULT '' COMMENT 'Newest change of writer schema or model version at or before its first window; empty when nothing changed',
    ADD COLUMN IF NOT EXISTS change_at Nullable(DateTime64(3, 'UTC')) DEFAULT NULL COMMENT 'Event time of that change',
    ADD COLUMN IF NOT EXISTS cost Nullable(Float64) DEFAULT NULL COMMENT 'Nats of log-loss from its beginning to this transition above what the serving versions had on their validation, summed over rows; below 0 it did not hurt',
    ADD COLUMN IF NOT EXISTS cost_basis LowCardinality(String) DEFAULT 'insufficient' COMMENT 'realised: from labels; estimated: from what the predictions themselves imply, right while they are calibrated; insufficient: no such rows',
    ADD COLUMN IF NOT EXISTS cost_rows UInt64 DEFAULT 0 COMMENT 'Rows that cost was summed over';

ALTER TABLE incidents
    COMMENT COLUMN transition 'open, update or resolve; upgrade, downgrade or retract when late rows corrected the verdicts it rests on';

ALTER TABLE verdicts
    ADD COLUMN IF NOT EXISTS topic LowCardinality(String) DEFAULT '' COMMENT 'Kafka topic of the offset ranges' AFTER detail,
    ADD COLUMN IF NOT EXISTS rows UInt64 DEFAULT n COMMENT 'Rows in the window, those of the joined topic included: training for feature-skew, predictions for concept-drift' AFTER end_offsets;

ALTER TABLE pane_revisions
    ADD COLUMN IF NOT EXISTS own_rows UInt64 DEFAULT rows COMMENT 'Of these rows those of the stream itself, without the ones it was joined to' AFTER rows;

CREATE OR REPLACE VIEW verdicts_as_of AS
SELECT *
FROM verdicts FINAL
WHERE stream_time <= {at:DateTime64(3, 'UTC')}
ORDER BY revision DESC
LIMIT 1 BY model, kind, window_start, feature, segment, statistic
COMMENT 'What was known of every window when event time had reached a moment: SELECT ... FROM verdicts_as_of(at = ''2013-03-05 12:00:00'')';

CREATE OR REPLACE VIEW incidents_as_of AS
SELECT *
FROM incidents FINAL
WHERE reported <= {at:DateTime64(3, 'UTC')}
ORDER BY revision DESC
LIMIT 1 BY model, incident_id
COMMENT 'What was known of every incident when event time had reached a moment: SELECT ... FROM incidents_as_of(at = ''2013-03-05 12:00:00'')';

CREATE TABLE IF NOT EXISTS stored_times
(
    _topic LowCardinality(String) COMMENT 'Kafka topic',
    _partition Int32 COMMENT 'Kafka partition',
    _offset Int64 COMMENT 'Kafka offset; with _topic and _partition the identity of the row',
    event_time DateTime64(3, 'UTC') COMMENT 'Event time'
)
ENGINE = Merge(currentDatabase(), '^(training|serving|labels)_')
COMMENT 'Event times of the rows of all raw tables, whichever models there are; a repeated row may show until it is merged away';

CREATE OR REPLACE VIEW late_rows
(
    model LowCardinality(String) COMMENT 'Model',
    topic String COMMENT 'Kafka topic',
    pane_start DateTime64(3, 'UTC') COMMENT 'Start of the slice of event time',
    stored UInt64 COMMENT 'Distinct rows stored in the slice',
    judged UInt64 COMMENT 'Rows that its verdicts rest on',
    late Int64 COMMENT 'stored - judged: rows that came later than allowed_lateness, or wait to be judged'
)
AS WITH
    own AS
    (
        SELECT
            model,
            concat(multiIf(stream = 'skew', 'training', stream), '.', model) AS topic,
            pane_start,
            max(if(stream = 'skew', toUInt64(rows - own_rows), own_rows)) AS judged,
            max(toUnixTimestamp64Milli(pane_end) - toUnixTimestamp64Milli(pane_start)) AS length
        FROM pane_revisions FINAL
        WHERE stream IN ('serving', 'labels', 'skew')
        GROUP BY model, topic, pane_start
    ),
    lengths AS (SELECT topic, max(length) AS length FROM own GROUP BY topic),
    found AS
    (
        SELECT
            t._topic AS topic,
            fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(t.event_time), l.length) * l.length, 'UTC') AS pane_start,
            uniqExact(t._partition, t._offset) AS stored
        FROM stored_times AS t
        INNER JOIN lengths AS l ON t._topic = l.topic
        GROUP BY topic, pane_start
    )
SELECT own.model AS model, own.topic AS topic, own.pane_start AS pane_start, found.stored AS stored, own.judged AS judged,
    toInt64(found.stored) - toInt64(own.judged) AS late
FROM own
INNER JOIN found ON own.topic = found.topic AND own.pane_start = found.pane_start
WHERE found.stored > own.judged
COMMENT 'Slices of event time with rows that no verdict rests on. Reads the event times of all rows: for a look, not for every second';
