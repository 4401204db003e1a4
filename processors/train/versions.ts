import { z } from 'zod';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import type { DecidedVersion } from './release.ts';
import type { SnapshotPlan } from './snapshot-plan.ts';

/** A decision with everything that model_versions keeps of it. */
export interface VersionRow extends DecidedVersion {
  readonly plan: SnapshotPlan;
  /** Empty when no snapshot was made. */
  readonly snapshotSha256: string;
  /** Standard deviation of the log-loss per validation row, null when nothing was trained. */
  readonly logLossSd: number | null;
  readonly config: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** Every decided version of a model. */
export function knownVersions(clickhouse: ClickHouse, model: string): Promise<DecidedVersion[]> {
  return clickhouse.rows('model-versions', { model }, VERSION);
}

export async function insertVersion(clickhouse: ClickHouse, row: VersionRow): Promise<void> {
  const { plan } = row;
  await clickhouse.insert('model_versions', [
    {
      model: row.model,
      version: row.version,
      request_id: row.requestId,
      status: row.status,
      reasons: row.reasons,
      parent: row.parent,
      created: new Date(row.createdMs).toISOString(),
      sha256: row.sha256,
      uri: row.uri,
      snapshot_sha256: row.snapshotSha256,
      snapshot_rows: plan.rows,
      window_start: new Date(plan.fromMs).toISOString(),
      window_end: new Date(plan.untilMs).toISOString(),
      topic: plan.topic,
      partitions: plan.partitions,
      first_offsets: plan.firstOffsets,
      end_offsets: plan.endOffsets,
      log_loss_before: row.logLossBefore,
      log_loss_after: row.logLossAfter,
      validation_rows: row.validationRows,
      baseline_log_loss: row.logLossAfter,
      baseline_log_loss_sd: row.logLossSd,
      config: JSON.stringify(row.config),
      metrics: JSON.stringify(row.metrics),
    },
  ]);
}

const VERSION = z
  .object({
    model: z.string(),
    version: z.string(),
    request_id: z.string(),
    status: z.enum(['accepted', 'rejected']),
    reasons: z.array(z.string()),
    parent: z.string(),
    created: instant,
    sha256: z.string(),
    uri: z.string(),
    log_loss_before: z.number().nullable(),
    log_loss_after: z.number().nullable(),
    validation_rows: count,
  })
  .transform((row) => ({
    model: row.model,
    version: row.version,
    requestId: row.request_id,
    status: row.status,
    reasons: row.reasons,
    parent: row.parent,
    createdMs: row.created,
    sha256: row.sha256,
    uri: row.uri,
    logLossBefore: row.log_loss_before,
    logLossAfter: row.log_loss_after,
    validationRows: row.validation_rows,
  }));
