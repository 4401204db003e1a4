-- One row per decided version: from the incident that asked for it to what came of it.
CREATE VIEW IF NOT EXISTS model_lineage
(
    model LowCardinality(String) COMMENT 'Model',
    version String COMMENT 'Version, v1 upwards',
    status LowCardinality(String) COMMENT 'accepted or rejected',
    parent String COMMENT 'Champion it was compared with, empty for the first',
    incident_id Nullable(UUID) COMMENT 'Incident that asked for it; null when a person or nobody did',
    incident String COMMENT 'The incident in one sentence, empty without one',
    request_id UUID COMMENT 'Retrain request it answers',
    cause String COMMENT 'Why it was asked for, in words; empty when the request did not come from here',
    snapshot_sha256 String COMMENT 'Hash of the Parquet snapshot it was trained on',
    snapshot_rows UInt64 COMMENT 'Labelled rows in the snapshot',
    topic LowCardinality(String) COMMENT 'Topic of the examples',
    partitions Array(Int32) COMMENT 'Partitions of the snapshot',
    first_offsets Array(Int64) COMMENT 'First offset per partition, inclusive',
    end_offsets Array(Int64) COMMENT 'End offset per partition, exclusive',
    sha256 String COMMENT 'Hash of model.onnx; empty when nothing could be trained',
    config String COMMENT 'JSON: hyperparameters, seed and trainer',
    reasons Array(String) COMMENT 'Why it was accepted or rejected, in words',
    created DateTime64(3, 'UTC') COMMENT 'Stream time of the decision',
    release_topic String COMMENT 'Topic that the release is on; empty until it is published',
    release_partition Int32 COMMENT 'Partition of the release',
    release_offset Int64 COMMENT 'Offset of the release',
    receipt LowCardinality(String) COMMENT 'helped, did not, rolled back or insufficient; empty until there is a receipt',
    receipt_reason String COMMENT 'The receipt in one sentence'
)
AS SELECT
    versions.model AS model,
    versions.version AS version,
    versions.status AS status,
    versions.parent AS parent,
    requests.incident_id AS incident_id,
    incidents.summary AS incident,
    versions.request_id AS request_id,
    requests.cause AS cause,
    versions.snapshot_sha256 AS snapshot_sha256,
    versions.snapshot_rows AS snapshot_rows,
    versions.topic AS topic,
    versions.partitions AS partitions,
    versions.first_offsets AS first_offsets,
    versions.end_offsets AS end_offsets,
    versions.sha256 AS sha256,
    versions.config AS config,
    versions.reasons AS reasons,
    versions.created AS created,
    releases.topic AS release_topic,
    releases.partition AS release_partition,
    releases.offset AS release_offset,
    receipts.verdict AS receipt,
    receipts.reason AS receipt_reason
FROM (SELECT * FROM model_versions FINAL) AS versions
LEFT JOIN (SELECT * FROM retrain_requests FINAL) AS requests
    ON requests.model = versions.model AND requests.request_id = versions.request_id
LEFT JOIN
(
    SELECT incident_id, argMin(summary, revision) AS summary
    FROM incidents
    GROUP BY incident_id
) AS incidents ON incidents.incident_id = requests.incident_id
LEFT JOIN
(
    SELECT
        toUUID(JSONExtractString(body, 'request_id')) AS request_id,
        any(marks.topic) AS topic,
        any(marks.partition) AS partition,
        any(marks.offset) AS offset
    FROM (SELECT * FROM outbox FINAL WHERE type = 'driftwatch.model-release' AND isNotNull(toUUIDOrNull(JSONExtractString(body, 'request_id')))) AS events
    INNER JOIN (SELECT * FROM outbox_marks FINAL) AS marks ON marks.event_id = events.event_id
    GROUP BY request_id
) AS releases ON releases.request_id = versions.request_id
LEFT JOIN (SELECT * FROM model_receipts FINAL) AS receipts
    ON receipts.model = versions.model AND receipts.version = versions.version
COMMENT 'Lineage of every version: incident, request, snapshot, model, release, receipt'
