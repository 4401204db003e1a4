import { z } from 'zod';
import { ALIASES } from '../../core/experiments/aliases.ts';
import { count, instant, measured } from '../../io/clickhouse/columns.ts';
import { OFFSET_RANGES, rangesOf } from './offset-ranges.ts';

/** Rows of schemas/queries/dashboard-*.sql about the versions of a model and how they do. */

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
    ...OFFSET_RANGES,
    log_loss_before: measured,
    log_loss_after: measured,
    validation_rows: count,
    baseline_log_loss: measured,
    baseline_log_loss_sd: measured,
    config: z.string(),
    metrics: z.string(),
    rolled_back: count,
    aliases: z.array(z.enum(ALIASES)),
    share: z.number(),
    receipt: z.string(),
    receipt_reason: z.string(),
    receipt_labels: count,
    predicted_gain: measured,
    measured_gain: measured,
    gain_low: measured,
    gain_high: measured,
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
