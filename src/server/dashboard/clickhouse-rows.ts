import { z } from 'zod';
import { ALIASES } from '../../core/experiments/aliases.ts';
import { count, instant } from '../../io/clickhouse/columns.ts';
import { type OffsetRange, VERDICT_STATES } from './reader.ts';

/** Rows of schemas/queries/dashboard-*.sql, decoded into what the views read; those named _ROW as they come. */
const number = z.number().nullable();
const state = z.enum(VERDICT_STATES);
const ranges = {
  partitions: z.array(z.number()),
  first_offsets: z.array(count),
  end_offsets: z.array(count),
};

export const STAGE = z
  .object({ stage: z.string(), stream_time: instant, moving: count })
  .transform((row) => ({ stage: row.stage, streamTimeMs: row.stream_time, moving: row.moving === 1 }));
export const ACCOUNTING_ROW = z.object({
  topic: z.string(),
  consumed: count,
  stored: count,
  dead_letters: count,
  tombstones: count,
  unexplained: count,
});
export const ACCOUNTING = ACCOUNTING_ROW.transform(({ dead_letters: deadLetters, ...row }) => ({
  ...row,
  deadLetters,
}));
export const INCIDENT = z
  .object({
    incident_id: z.string(),
    revision: count,
    kind: z.string(),
    severity: z.string(),
    status: z.string(),
    began: instant,
    reported: instant,
    first_reported: instant,
    features: z.array(z.string()),
    segments: z.array(z.string()),
    finding_count: count,
    summary: z.string(),
    retrain: z.string(),
  })
  .transform((row) => ({
    id: row.incident_id,
    revision: row.revision,
    kind: row.kind,
    severity: row.severity,
    status: row.status,
    beganMs: row.began,
    openedMs: row.first_reported,
    changedMs: row.reported,
    features: row.features,
    segments: row.segments,
    findings: row.finding_count,
    summary: row.summary,
    retrain: row.retrain,
  }));
export const TRANSITION = z
  .object({
    incident_id: z.string(),
    revision: count,
    transition: z.string(),
    model: z.string(),
    kind: z.string(),
    severity: z.string(),
    status: z.string(),
    began: instant,
    reported: instant,
    features: z.array(z.string()),
    segments: z.array(z.string()),
    cause: z.string(),
    summary: z.string(),
    reason: z.string(),
    first_kind: z.string(),
    first_feature: z.string(),
    first_segment: z.string(),
    carrier: z.string(),
    carrier_share: number,
    carrier_rows: count,
    change: z.string(),
    change_at: instant.nullable(),
    cost: number,
    cost_basis: z.string(),
    cost_rows: count,
    retrain: z.string(),
  })
  .transform((row) => ({
    id: row.incident_id,
    revision: row.revision,
    transition: row.transition,
    model: row.model,
    kind: row.kind,
    severity: row.severity,
    status: row.status,
    beganMs: row.began,
    reportedMs: row.reported,
    features: row.features,
    segments: row.segments,
    cause: row.cause,
    summary: row.summary,
    reason: row.reason,
    firstMover: { kind: row.first_kind, feature: row.first_feature, segment: row.first_segment },
    carrier: { segment: row.carrier, share: row.carrier_share, rows: row.carrier_rows },
    change: row.change_at === null ? null : { said: row.change, atMs: row.change_at },
    cost: { nats: row.cost, basis: row.cost_basis, rows: row.cost_rows },
    retrain: row.retrain,
  }));
export const FINDING_ROW = z.object({
  finding_id: z.string(),
  kind: z.string(),
  class: z.string(),
  feature: z.string(),
  segment: z.string(),
  status: z.string(),
  began: instant,
  reported: instant,
  last_seen: instant,
  windows: count,
  effect: number,
  effect_unit: z.string(),
  evidence: z.string(),
});
export const FINDING = FINDING_ROW.transform((row) => ({
  id: row.finding_id,
  kind: row.kind,
  class: row.class,
  feature: row.feature,
  segment: row.segment,
  status: row.status,
  beganMs: row.began,
  reportedMs: row.reported,
  lastSeenMs: row.last_seen,
  windows: row.windows,
  effect: row.effect,
  effectUnit: row.effect_unit,
  evidence: row.evidence,
}));
export const REQUEST_ROW = z.object({
  request_id: z.string(),
  incident_id: z.string().nullable(),
  cause: z.string(),
  requested: instant,
  train_from: instant,
  train_until: instant,
});
export const REQUEST = REQUEST_ROW.transform((row) => ({
  id: row.request_id,
  incidentId: row.incident_id,
  cause: row.cause,
  requestedMs: row.requested,
  trainFromMs: row.train_from,
  trainUntilMs: row.train_until,
}));
export const VERSION = z
  .object({
    version: z.string(),
    request_id: z.string(),
    status: z.string(),
    reasons: z.array(z.string()),
    parent: z.string(),
    created: instant,
    sha256: z.string(),
    uri: z.string(),
    snapshot_sha256: z.string(),
    snapshot_rows: count,
    window_start: instant,
    window_end: instant,
    topic: z.string(),
    ...ranges,
    log_loss_before: number,
    log_loss_after: number,
    validation_rows: count,
    baseline_log_loss: number,
    baseline_log_loss_sd: number,
    config: z.string(),
    metrics: z.string(),
    rolled_back: count,
    aliases: z.array(z.enum(ALIASES)),
    share: z.number(),
    receipt: z.string(),
    receipt_reason: z.string(),
    receipt_labels: count,
    predicted_gain: number,
    measured_gain: number,
    gain_low: number,
    gain_high: number,
  })
  .transform((row) => ({
    version: row.version,
    requestId: row.request_id,
    status: row.status,
    reasons: row.reasons,
    parent: row.parent,
    createdMs: row.created,
    sha256: row.sha256,
    uri: row.uri,
    snapshotSha256: row.snapshot_sha256,
    snapshotRows: row.snapshot_rows,
    windowStartMs: row.window_start,
    windowEndMs: row.window_end,
    topic: row.topic,
    ranges: rangesOf(row),
    logLossBefore: row.log_loss_before,
    logLossAfter: row.log_loss_after,
    validationRows: row.validation_rows,
    baselineLogLoss: row.baseline_log_loss,
    baselineLogLossSd: row.baseline_log_loss_sd,
    config: row.config,
    metrics: row.metrics,
    rolledBack: row.rolled_back === 1,
    aliases: row.aliases,
    share: row.share,
    receipt:
      row.receipt === ''
        ? null
        : {
            verdict: row.receipt,
            reason: row.receipt_reason,
            labels: row.receipt_labels,
            predicted: row.predicted_gain,
            measured: row.measured_gain,
            low: row.gain_low,
            high: row.gain_high,
          },
  }));
export const HEAT = z
  .object({
    feature: z.string(),
    day: instant,
    worst: state,
    times_floor: z.number(),
    rows: count,
    answers: count,
  })
  .transform(({ day: dayMs, times_floor: timesFloor, ...row }) => ({ ...row, dayMs, timesFloor }));
export const SEGMENT = z.object({ segment: z.string() });
export const FEATURE = z.object({ feature: z.string() });
export const DAILY_LOSS = z
  .object({ day: instant, version: z.string(), rows: count, loss: z.number(), loss_squares: z.number() })
  .transform(({ day: dayMs, loss_squares: lossSquares, ...row }) => ({ ...row, dayMs, lossSquares }));
export const DAILY_ESTIMATE = z
  .object({
    day: instant,
    version: z.string(),
    rows: count,
    loss: z.number(),
    low: z.number(),
    high: z.number(),
  })
  .transform(({ day: dayMs, ...row }) => ({ ...row, dayMs }));
const VERDICT_FIELDS = {
  verdict_id: z.string(),
  kind: z.string(),
  feature: z.string(),
  segment: z.string(),
  window_start: instant,
  window_end: instant,
  verdict: state,
  statistic: z.string(),
  value: number,
  p_value: number,
  effect: number,
  effect_unit: z.string(),
  n: count,
  m: count,
  need: count,
  version: z.string(),
  revision: count,
};
type VerdictFields = z.infer<z.ZodObject<typeof VERDICT_FIELDS>>;
function verdictFields(row: VerdictFields) {
  const { verdict_id: id, window_start: windowStartMs, window_end: windowEndMs, ...rest } = row;
  const { kind, feature, segment, verdict, statistic, value, effect, n, m, need, version, revision } = rest;
  return {
    ...{ id, kind, feature, segment, windowStartMs, windowEndMs, verdict, statistic, value, effect },
    ...{ n, m, need, version, revision, pValue: rest.p_value, effectUnit: rest.effect_unit },
  };
}
export const VERDICT_LINE = z
  .object({ ...VERDICT_FIELDS, evidence: z.string() })
  .transform((row) => ({ ...verdictFields(row), evidence: row.evidence }));
export const VERDICT = z
  .object({
    ...VERDICT_FIELDS,
    model: z.string(),
    effect_floor: z.number(),
    threshold: z.number(),
    reference_id: z.string(),
    detail: z.string(),
    topic: z.string(),
    ...ranges,
    config_hash: z.string(),
    code_version: z.string(),
    stream_time: instant,
  })
  .transform((row) => ({
    ...verdictFields(row),
    model: row.model,
    effectFloor: row.effect_floor,
    threshold: row.threshold,
    referenceId: row.reference_id,
    detail: row.detail,
    topic: row.topic,
    ranges: rangesOf(row),
    configHash: row.config_hash,
    codeVersion: row.code_version,
    streamTimeMs: row.stream_time,
  }));
export const LATE = z.object({ late: count });
export const REVISION = z
  .object({
    revision: count,
    verdict_id: z.string(),
    verdict: state,
    value: number,
    effect: number,
    n: count,
    stream_time: instant,
  })
  .transform(({ verdict_id: id, stream_time: streamTimeMs, ...row }) => ({ ...row, id, streamTimeMs }));
export const BINS = z.object({
  bins_id: z.string(),
  kind: z.string(),
  edges: z.array(z.number()),
  categories: z.array(z.string()),
});
export const CODE = z.object({ code: z.number(), rows: count });
export const CATALOGUE = z
  .object({
    table: z.string(),
    table_comment: z.string(),
    column: z.string(),
    type: z.string(),
    comment: z.string(),
  })
  .transform(({ table_comment: tableComment, ...row }) => ({ ...row, tableComment }));

function rangesOf(row: {
  partitions: readonly number[];
  first_offsets: readonly number[];
  end_offsets: readonly number[];
}): OffsetRange[] {
  return row.partitions.map((partition, index) => ({
    partition,
    first: row.first_offsets[index] ?? 0,
    end: row.end_offsets[index] ?? 0,
  }));
}
