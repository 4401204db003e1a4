import type { Analysis } from '../../src/core/analysis/analysis.ts';
import { bootstrapInterval } from '../../src/core/analysis/bootstrap-interval.ts';
import { calibrationCurve } from '../../src/core/analysis/calibration-curve.ts';
import { residualsByTime } from '../../src/core/analysis/residuals-by-time.ts';
import type { ScoresResult } from '../../src/core/analysis/streamed-scores.ts';
import { addTaskScores, startTaskScores, taskScoresResult } from '../../src/core/analysis/task-scores.ts';
import type { LabelTask } from '../../src/core/contract/label-task.ts';
import { takeRows } from '../../src/core/models/dataset.ts';
import { murmurHash } from '../../src/core/models/murmur-hash.ts';
import { accuracy } from '../../src/core/performance/accuracy.ts';
import { brier } from '../../src/core/performance/brier.ts';
import { confusion } from '../../src/core/performance/confusion.ts';
import { logLoss } from '../../src/core/performance/log-loss.ts';
import type { Measured, Scored } from '../../src/core/performance/measured.ts';
import { rocAuc } from '../../src/core/performance/roc-auc.ts';
import { isLabel } from '../../src/core/performance/task-losses.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Examples } from '../../src/io/files/read-snapshot.ts';
import type { Scorer } from '../../src/io/onnx-runtime/scorer.ts';
import { answersInOrder } from './answers-in-order.ts';
import { explainRows } from './explain-rows.ts';

/** Rows of `examples` from an instant of event time on that have a label of the task; one of yes or no unless given. */
export function labelledSince(examples: Examples, fromMs: number, task: LabelTask = YES_OR_NO): Examples {
  const positions = Array.from(examples.eventTimesMs.keys()).filter(
    (row) =>
      (examples.eventTimesMs[row] ?? 0) >= fromMs && isLabel(task, examples.dataset.label[row] ?? Number.NaN),
  );
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
  /** What the label asks for; yes or no unless given. */
  task?: LabelTask;
  /** Categorical features whose values are groups to be treated alike. */
  groups: readonly string[];
  seed: number;
}): Promise<Analysis> {
  const { examples, task = YES_OR_NO } = args;
  const { dataset: rows, eventTimesMs } = examples;
  if (rows.rows === 0) throw nothingLabelled();
  const answer = answersInOrder(args.scorer, task);
  const predictions = await answer(rows);
  const random = seededRandom(args.seed);
  const scores =
    task.kind === 'classification'
      ? drawnScores({ scored: { predictions, labels: rows.label }, eventTimesMs, random })
      : summedScores({ examples, predictions, task, seed: args.seed });
  return {
    task: task.kind,
    ...scores,
    examined: rows.rows,
    fromMs: eventTimesMs.reduce((least, ms) => Math.min(least, ms), Number.POSITIVE_INFINITY),
    untilMs: eventTimesMs.reduce((most, ms) => Math.max(most, ms), 0),
    ...(await explainRows({ examples, task, predictions, answer, groups: args.groups, random })),
  };
}

/** Of a probability: metrics that are no function of sums are drawn with their rows. */
function drawnScores(args: { scored: Scored; eventTimesMs: Float64Array; random: Random }): ScoresResult {
  const { scored, eventTimesMs, random } = args;
  const days = Array.from(eventTimesMs, (ms) => Math.floor(ms / DAY_MS));
  const distinct = new Set(days).size;
  const clusters = distinct < FEW_DAYS ? {} : { clusters: days };
  return {
    rows: eventTimesMs.length,
    days: distinct,
    metrics: Object.fromEntries(
      Object.entries(METRICS).map(([name, metric]) => [
        name,
        bootstrapInterval({ scored, metric, random, ...clusters }),
      ]),
    ),
    confusion: confusion(scored),
    residuals: residualsByTime({ scored, eventTimesMs, stretchMs: DAY_MS }),
    calibration: calibrationCurve(scored),
  };
}

/** Of classes and numbers, as of rows that come in blocks. */
function summedScores(args: {
  examples: Examples;
  predictions: ArrayLike<number>;
  task: LabelTask;
  seed: number;
}): ScoresResult {
  const { examples, predictions, task, seed } = args;
  const scores = startTaskScores({ task, seed });
  addTaskScores(scores, {
    predictions,
    labels: examples.dataset.label,
    eventTimesMs: examples.eventTimesMs,
    hashes: Float64Array.from(examples.ids, (id) => murmurHash(id)),
  });
  return taskScoresResult(scores);
}

export function nothingLabelled(): DriftwatchError {
  return new DriftwatchError({
    code: 'NOT_YET',
    message: 'None of the rows has a label yet, so there is nothing to analyse.',
    next: 'Name an earlier window; labels come when the outcome is known.',
  });
}

function area(scored: Scored): Measured {
  const measured = rocAuc(scored);
  return measured.status === 'ok' ? { ...measured, n: measured.positives + measured.negatives } : measured;
}

export const YES_OR_NO: LabelTask = { kind: 'classification' };
const METRICS: Readonly<Record<string, (scored: Scored) => Measured>> = {
  'log-loss': logLoss,
  'ROC AUC': area,
  Brier: brier,
  accuracy: (scored) => accuracy(scored),
};
const DAY_MS = 86_400_000;
const FEW_DAYS = 10;
