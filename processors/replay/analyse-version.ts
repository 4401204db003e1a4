import { bootstrapInterval, type Interval } from '../../src/core/analysis/bootstrap-interval.ts';
import { type CurvePoint, calibrationCurve } from '../../src/core/analysis/calibration-curve.ts';
import { fairness, type GroupFairness } from '../../src/core/analysis/fairness.ts';
import { type Importance, permutationImportance } from '../../src/core/analysis/permutation-importance.ts';
import { type SliceSearch, weakestSlices } from '../../src/core/analysis/weakest-slices.ts';
import { type Dataset, takeRows } from '../../src/core/models/dataset.ts';
import { columnsOfDataset } from '../../src/core/models/scoring-columns.ts';
import { accuracy } from '../../src/core/performance/accuracy.ts';
import { brier } from '../../src/core/performance/brier.ts';
import { logLoss } from '../../src/core/performance/log-loss.ts';
import type { Measured, Scored } from '../../src/core/performance/measured.ts';
import { rocAuc } from '../../src/core/performance/roc-auc.ts';
import { rowLogLoss } from '../../src/core/performance/row-log-loss.ts';
import { seededRandom } from '../../src/core/random.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Examples } from '../../src/io/files/read-snapshot.ts';
import type { Scorer } from '../../src/io/onnx-runtime/scorer.ts';

/** Everything that is said of a version on its validation rows. */
export interface Analysis {
  readonly rows: number;
  readonly days: number;
  readonly metrics: Readonly<Record<string, Interval>>;
  readonly slices: SliceSearch;
  readonly importance: readonly Importance[];
  readonly calibration: readonly CurvePoint[];
  readonly fairness: readonly { readonly field: string; readonly groups: readonly GroupFairness[] }[];
}

/**
 * Analyses a version on the rows from `validationFromMs` on. Intervals of metrics draw whole days, because rows of one
 * day share their weather; with fewer than ten days they draw rows and are too narrow.
 */
export async function analyseVersion(args: {
  examples: Examples;
  validationFromMs: number;
  scorer: Scorer;
  /** Categorical features whose values are groups to be treated alike. */
  groups: readonly string[];
  seed: number;
}): Promise<Analysis> {
  const { examples, scorer } = args;
  const positions = Array.from(examples.eventTimesMs.keys()).filter(
    (row) => (examples.eventTimesMs[row] ?? 0) >= args.validationFromMs,
  );
  const rows = takeRows(examples.dataset, positions);
  const days = positions.map((row) => Math.floor((examples.eventTimesMs[row] ?? 0) / DAY_MS));
  const score = (some: Dataset): Promise<Float32Array> => scorer.score(columnsOfDataset(some, scorer.inputs));
  const predictions = await score(rows);
  const scored: Scored = { predictions, labels: rows.label };
  const random = seededRandom(args.seed);
  const distinct = new Set(days).size;
  const clusters = distinct < FEW_DAYS ? {} : { clusters: days };
  const metrics = Object.fromEntries(
    Object.entries(METRICS).map(([name, metric]) => [
      name,
      bootstrapInterval({ scored, metric, random, ...clusters }),
    ]),
  );
  const losses = rows.label.map((label, row) => rowLogLoss(predictions[row] ?? 0.5, label));
  const minimum = Math.max(50, Math.ceil(rows.rows / 100));
  return {
    rows: rows.rows,
    days: distinct,
    metrics,
    slices: weakestSlices({ rows, losses, minimum }),
    importance: await permutationImportance({ rows, score, random }),
    calibration: calibrationCurve(scored),
    fairness: args.groups.map((field) => ({ field, groups: groupsOf(field, rows, scored) })),
  };
}

function groupsOf(field: string, rows: Dataset, scored: Scored): GroupFairness[] {
  const column = rows.categorical.find(({ name }) => name === field);
  if (column !== undefined) return fairness({ scored, groups: column.values });
  throw new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `"${field}" is no categorical feature of this version.`,
    next: `Name one with --group: ${rows.categorical.map(({ name }) => name).join(', ') || 'there is none'}.`,
  });
}

function area(scored: Scored): Measured {
  const measured = rocAuc(scored);
  return measured.status === 'ok' ? { ...measured, n: measured.positives + measured.negatives } : measured;
}

const METRICS: Readonly<Record<string, (scored: Scored) => Measured>> = {
  'log-loss': logLoss,
  'ROC AUC': area,
  Brier: brier,
  accuracy: (scored) => accuracy(scored),
};
const DAY_MS = 86_400_000;
const FEW_DAYS = 10;
