import type { Dataset } from '../../src/core/models/dataset.ts';
import type { Task } from '../../src/core/models/model.ts';
import type { Manifest } from '../../src/io/files/manifest.ts';
import type { TrainerMetrics } from '../../src/io/trainers/trainer.ts';
import type { DataChecks } from './check-data.ts';
import { SNAPSHOT_QUERY, type Snapshot } from './export-snapshot.ts';
import type { Champion, Judgement } from './judge.ts';
import type { MeasuredModel } from './measure.ts';
import type { RetrainRequest, TrainableModel } from './ports.ts';
import type { SnapshotFields, SnapshotPlan } from './snapshot-plan.ts';
import type { Split } from './split-by-time.ts';

/** Everything that is known of a version when it is decided, as its manifest says it. */
export function manifestOf(args: {
  model: TrainableModel;
  request: RetrainRequest;
  plan: SnapshotPlan;
  fields: Extract<SnapshotFields, { status: 'ok' }>;
  snapshot: Snapshot;
  split: Split;
  training: Dataset;
  validation: Dataset;
  trained: TrainerMetrics;
  challenger: MeasuredModel;
  champion: Champion | undefined;
  judgement: Judgement;
  checks: DataChecks;
  trainer: string;
  codeVersion: string;
}): Manifest {
  const { model, request, plan, snapshot, split, challenger, champion, judgement } = args;
  return {
    format: 1,
    model: plan.model,
    version: plan.version,
    status: judgement.status,
    reasons: [...judgement.reasons],
    created: iso(request.requestedMs),
    sha256: challenger.sha256,
    bytes: challenger.bytes,
    task: args.fields.task.kind,
    ...(challenger.classes === undefined ? {} : { classes: [...challenger.classes] }),
    inputs: challenger.inputs.map(({ name, kind }) => ({ name, kind })),
    snapshot: {
      uri: snapshot.uri,
      sha256: snapshot.sha256,
      rows: plan.rows,
      query: SNAPSHOT_QUERY,
      table: model.table,
      columns: [...args.fields.columns],
      topic: plan.topic,
      partitions: [...plan.partitions],
      first_offsets: [...plan.firstOffsets],
      end_offsets: [...plan.endOffsets],
      from: iso(plan.fromMs),
      until: iso(plan.untilMs),
      schema_ids: [...plan.schemaIds],
    },
    training: {
      trainer: args.trainer,
      seed: model.seed,
      config: args.trained.config,
      rows: args.training.rows,
      positives: positives(args.training, args.fields.task.kind),
      purged: split.purged,
      until: iso(split.cutMs),
      metrics: args.trained.metrics,
    },
    validation: {
      from: iso(split.cutMs),
      rows: args.validation.rows,
      positives: positives(args.validation, args.fields.task.kind),
      log_loss: challenger.mean,
      log_loss_sd: challenger.sd,
      roc_auc: challenger.rocAuc,
      ...(challenger.squaredError === undefined ? {} : { squared_error: challenger.squaredError }),
    },
    data_checks: args.checks,
    comparison: comparisonOf(champion, judgement, model.policy.marginNats),
    lineage: {
      request_id: request.requestId,
      incident_id: request.incidentId,
      cause: request.cause,
      parent: champion?.version ?? null,
    },
    golden: { tolerance: GOLDEN_TOLERANCE, rows: goldenRows(args.validation, challenger) },
    code_version: args.codeVersion,
  };
}

function comparisonOf(
  champion: Champion | undefined,
  judgement: Judgement,
  margin: number,
): Manifest['comparison'] {
  if (champion?.status !== 'measured' || judgement.comparison === undefined) return null;
  return {
    champion: champion.version,
    log_loss: champion.mean,
    roc_auc: champion.rocAuc,
    improvement: judgement.comparison.improvement,
    standard_error: judgement.comparison.standardError,
    margin,
    rows: judgement.comparison.n,
  };
}

/** Rows spread evenly over the validation rows, with the prediction that a server must repeat. */
function goldenRows(rows: Dataset, challenger: MeasuredModel): Manifest['golden']['rows'] {
  const step = Math.max(1, Math.floor(rows.rows / GOLDEN_ROWS));
  const positions = Array.from({ length: Math.min(GOLDEN_ROWS, rows.rows) }, (_, index) => index * step);
  const writable = positions.filter((at) => rows.numeric.every(({ values }) => !isInfinite(values[at])));
  return writable.map((at) => ({
    numeric: Object.fromEntries(rows.numeric.map(({ name, values }) => [name, orNull(values[at])])),
    categorical: Object.fromEntries(rows.categorical.map(({ name, values }) => [name, values[at] ?? null])),
    prediction: answerTo(challenger, at),
  }));
}

/** JSON has no infinity; a row with one is no golden row. */
function isInfinite(value: number | undefined): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** What a server must repeat: one number, or one per class. */
function answerTo({ scores, width }: MeasuredModel, row: number): number | number[] {
  return width === 1 ? (scores[row] ?? 0) : Array.from(scores.subarray(row * width, (row + 1) * width));
}

/** Rows with label 1; 0 for labels that are no yes or no. */
function positives(rows: Dataset, task: Task): number {
  if (task !== 'classification') return 0;
  return rows.label.reduce((sum, label) => sum + (label === 1 ? 1 : 0), 0);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

const GOLDEN_ROWS = 16;
/** Two machines may round the last bit of a float32 sum differently. */
const GOLDEN_TOLERANCE = 1e-5;
