import type { Analysis, WorstRow } from '../../src/core/analysis/analysis.ts';
import { bootstrapInterval } from '../../src/core/analysis/bootstrap-interval.ts';
import { calibrationCurve } from '../../src/core/analysis/calibration-curve.ts';
import { fairness, type GroupFairness } from '../../src/core/analysis/fairness.ts';
import { type PartialDependence, partialDependence } from '../../src/core/analysis/partial-dependence.ts';
import { permutationImportance } from '../../src/core/analysis/permutation-importance.ts';
import { residualsByTime } from '../../src/core/analysis/residuals-by-time.ts';
import { shapleyContributions } from '../../src/core/analysis/shapley-contributions.ts';
import { weakestSlices } from '../../src/core/analysis/weakest-slices.ts';
import { type Dataset, takeRows } from '../../src/core/models/dataset.ts';
import { columnsOfDataset } from '../../src/core/models/scoring-columns.ts';
import { accuracy } from '../../src/core/performance/accuracy.ts';
import { brier } from '../../src/core/performance/brier.ts';
import { confusion } from '../../src/core/performance/confusion.ts';
import { logLoss } from '../../src/core/performance/log-loss.ts';
import type { Measured, Scored } from '../../src/core/performance/measured.ts';
import { rocAuc } from '../../src/core/performance/roc-auc.ts';
import { rowLogLoss } from '../../src/core/performance/row-log-loss.ts';
import { type Random, seededRandom, shuffledPositions } from '../../src/core/random.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Examples } from '../../src/io/files/read-snapshot.ts';
import type { Scorer } from '../../src/io/onnx-runtime/scorer.ts';

/** Rows of `examples` from an instant of event time on that have a label. */
export function labelledSince(examples: Examples, fromMs: number): Examples {
  const positions = Array.from(examples.eventTimesMs.keys()).filter((row) => {
    const label = examples.dataset.label[row];
    return (examples.eventTimesMs[row] ?? 0) >= fromMs && (label === 0 || label === 1);
  });
  return {
    ids: positions.map((row) => examples.ids[row] ?? ''),
    eventTimesMs: Float64Array.from(positions, (row) => examples.eventTimesMs[row] ?? 0),
    dataset: takeRows(examples.dataset, positions),
  };
}

/**
 * Analyses a version on labelled rows: those it was validated on, or any others that it was not trained on.
 * Intervals of metrics draw whole days, because rows of one day share their weather; with fewer than ten days they
 * draw rows and are too narrow. Explanations are of the model, not of the world: see their own pages.
 */
export async function analyseVersion(args: {
  examples: Examples;
  scorer: Scorer;
  /** Categorical features whose values are groups to be treated alike. */
  groups: readonly string[];
  seed: number;
}): Promise<Analysis> {
  const { examples, scorer } = args;
  const { dataset: rows, eventTimesMs } = examples;
  if (rows.rows === 0) throw nothingLabelled();
  const days = Array.from(eventTimesMs, (ms) => Math.floor(ms / DAY_MS));
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
  const importance = await permutationImportance({ rows, predictions, score, random });
  const dependence: PartialDependence[] = [];
  for (const { feature } of importance.slice(0, MOST_IMPORTANT)) {
    const found = await partialDependence({ rows, feature, score, random });
    if (found !== undefined) dependence.push(found);
  }
  return {
    rows: rows.rows,
    examined: rows.rows,
    days: distinct,
    fromMs: eventTimesMs.reduce((least, ms) => Math.min(least, ms), Number.POSITIVE_INFINITY),
    untilMs: eventTimesMs.reduce((most, ms) => Math.max(most, ms), 0),
    metrics,
    slices: weakestSlices({ rows, losses, minimum }),
    importance,
    calibration: calibrationCurve(scored),
    fairness: args.groups.map((field) => ({ field, groups: groupsOf(field, rows, scored) })),
    confusion: confusion(scored),
    residuals: residualsByTime({ scored, eventTimesMs, stretchMs: DAY_MS }),
    dependence,
    worst: await worstRows({ examples, predictions, losses, score, random }),
  };
}

async function worstRows(args: {
  examples: Examples;
  predictions: ArrayLike<number>;
  losses: Float64Array;
  score: (rows: Dataset) => Promise<ArrayLike<number>>;
  random: Random;
}): Promise<WorstRow[]> {
  const { examples, losses, score, random } = args;
  const { dataset: rows } = examples;
  const order = Array.from(losses.keys()).sort((a, b) => (losses[b] ?? 0) - (losses[a] ?? 0) || a - b);
  const background = takeRows(rows, shuffledPositions(random, rows.rows).subarray(0, BACKGROUND));
  const worst: WorstRow[] = [];
  for (const row of order.slice(0, WORST)) {
    worst.push({
      id: examples.ids[row] ?? '',
      eventTimeMs: examples.eventTimesMs[row] ?? 0,
      prediction: args.predictions[row] ?? 0,
      label: rows.label[row] ?? 0,
      loss: losses[row] ?? 0,
      explained: await shapleyContributions({ rows, row, background, score, random }),
    });
  }
  return worst;
}

export function nothingLabelled(): DriftwatchError {
  return new DriftwatchError({
    code: 'NOT_YET',
    message: 'None of the rows has a label yet, so there is nothing to analyse.',
    next: 'Name an earlier window; labels come when the outcome is known.',
  });
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
const MOST_IMPORTANT = 6;
const WORST = 10;
/** Rows that stand for the usual when single rows are explained. */
const BACKGROUND = 500;
