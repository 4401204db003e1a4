import type { Dataset } from './dataset.ts';
import { designMatrix } from './design-matrix.ts';
import type { Encoding } from './gradient-boosting.ts';
import { hashed } from './hashing.ts';
import type { NumericInput, Round, Trained } from './model.ts';
import { fitOneHot } from './one-hot.ts';
import { solvePositiveDefinite } from './solve-positive-definite.ts';
import { fitStandardise } from './standardise.ts';
import { usableRows } from './usable-rows.ts';

export interface LogisticOptions {
  /** Penalty on squared weights of the standardised columns, in rows: scikit-learn's 1/C. Above 0. */
  readonly l2: number;
  /** Categories with a column of their own, per feature. */
  readonly topK: number;
  /** Rows a category needs for a column of its own. */
  readonly minRowsPerCategory: number;
  readonly maxRounds: number;
  /** `hashing` hashes categories into buckets; anything else is one-hot. */
  readonly encoding: Encoding;
  readonly buckets: number;
  /** Numeric features that are times in milliseconds since 1970: one-hot hour and weekday. */
  readonly timeFeatures: readonly string[];
}

export const LOGISTIC_DEFAULTS: LogisticOptions = {
  l2: 1,
  topK: 30,
  minRowsPerCategory: 20,
  maxRounds: 50,
  encoding: 'one-hot',
  buckets: 32,
  timeFeatures: [],
};

/**
 * Logistic regression with an L2 penalty, by iteratively reweighted least squares (Newton's method with
 * halved steps): minimises sum of log-loss + l2 / 2 * |weights|^2, intercept free. Numeric features
 * are imputed and standardised, categorical ones one-hot or hashed. Deterministic. Cost per round is about
 * rows * (numeric columns^2 / 2 + categorical features * columns).
 * It misleads where effects are not additive or not monotone: use gradient boosting then.
 * Source: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning (2009), 4.4.1.
 */
export function trainLogisticRegression(args: {
  train: Dataset;
  options?: Partial<LogisticOptions>;
  onProgress?: (round: Round) => void;
}): Trained {
  const options = { ...LOGISTIC_DEFAULTS, ...args.options };
  const usable = usableRows(args.train, 'classification');
  if (usable.status === 'insufficient') return usable;
  const train = usable.dataset;
  const inputs = {
    numeric: train.numeric.map((column): NumericInput => {
      const { name } = column;
      return options.timeFeatures.includes(name)
        ? { treatment: 'time', name, form: 'one-hot' }
        : fitStandardise(column);
    }),
    categorical: train.categorical.map((column) =>
      options.encoding === 'hashing'
        ? hashed(column.name, options.buckets)
        : fitOneHot(column, { topK: options.topK, minRows: options.minRowsPerCategory }),
    ),
  };
  const columns = [...designMatrix(inputs, train), new Float32Array(train.rows).fill(1)];
  const { weights, history } = newton(columns, train.label, options, args.onProgress);
  return {
    status: 'trained',
    rows: train.rows,
    history,
    model: {
      format: 1,
      task: 'classification',
      ...inputs,
      estimator: {
        kind: 'linear',
        weights: Array.from(weights.subarray(0, -1), Math.fround),
        intercept: Math.fround(weights[weights.length - 1] ?? 0),
      },
      calibration: { method: 'none' },
    },
  };
}

/** Stops when a round changes the mean penalised loss by less than this. */
const TOLERANCE = 1e-10;
const MAX_HALVINGS = 20;

function newton(
  columns: readonly Float32Array[],
  label: Float64Array,
  options: LogisticOptions,
  onProgress: ((round: Round) => void) | undefined,
): { weights: Float64Array; history: Round[] } {
  const nonZero = columns.map(nonZeroRows);
  let weights = new Float64Array(columns.length);
  let scores = linearScores(columns, nonZero, weights, label.length);
  let loss = penalisedLoss(scores, label, weights, options.l2);
  const history: Round[] = [];
  for (let round = 1; round <= options.maxRounds; round += 1) {
    const { gradient, curvature } = derivatives(columns, nonZero, scores, label, weights, options.l2);
    const step = solvePositiveDefinite(curvature, gradient);
    if (step === undefined) break;
    let share = 1;
    let improved = false;
    for (let halving = 0; halving < MAX_HALVINGS && !improved; halving += 1, share /= 2) {
      const tried = weights.map((weight, at) => weight - share * (step[at] ?? 0));
      const triedScores = linearScores(columns, nonZero, tried, label.length);
      const triedLoss = penalisedLoss(triedScores, label, tried, options.l2);
      if (!(triedLoss <= loss)) continue;
      improved = true;
      const gain = loss - triedLoss;
      weights = tried;
      scores = triedScores;
      loss = triedLoss;
      history.push({ round, loss: loss / label.length });
      onProgress?.({ round, loss: loss / label.length });
      if (gain < TOLERANCE * label.length) return { weights, history };
    }
    if (!improved) break;
  }
  return { weights, history };
}

/** One-hot columns are mostly zero; visiting only their rows makes a round several times cheaper. */
function nonZeroRows(column: Float32Array): Uint32Array {
  const rows: number[] = [];
  column.forEach((value, row) => {
    if (value !== 0) rows.push(row);
  });
  return Uint32Array.from(rows);
}

function linearScores(
  columns: readonly Float32Array[],
  nonZero: readonly Uint32Array[],
  weights: Float64Array,
  rows: number,
): Float64Array {
  const scores = new Float64Array(rows);
  columns.forEach((column, at) => {
    const weight = weights[at] ?? 0;
    if (weight === 0) return;
    for (const row of nonZero[at] ?? []) scores[row] = (scores[row] ?? 0) + weight * (column[row] ?? 0);
  });
  return scores;
}

function penalisedLoss(scores: Float64Array, label: Float64Array, weights: Float64Array, l2: number): number {
  let loss = 0;
  // log(1 + e^s) - y s, written so that a large score does not overflow.
  for (let row = 0; row < scores.length; row += 1) {
    const score = scores[row] ?? 0;
    loss += Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - (label[row] ?? 0) * score;
  }
  for (let at = 0; at < weights.length - 1; at += 1) loss += (l2 / 2) * (weights[at] ?? 0) ** 2;
  return loss;
}

function derivatives(
  columns: readonly Float32Array[],
  nonZero: readonly Uint32Array[],
  scores: Float64Array,
  label: Float64Array,
  weights: Float64Array,
  l2: number,
): { gradient: Float64Array; curvature: Float64Array } {
  const width = columns.length;
  const residual = new Float64Array(scores.length);
  const weight = new Float64Array(scores.length);
  for (let row = 0; row < scores.length; row += 1) {
    const p = 1 / (1 + Math.exp(-(scores[row] ?? 0)));
    residual[row] = p - (label[row] ?? 0);
    weight[row] = p * (1 - p);
  }
  const gradient = new Float64Array(width);
  const curvature = new Float64Array(width * width);
  columns.forEach((column, at) => {
    const rows = nonZero[at] ?? new Uint32Array(0);
    const weighted = new Float64Array(rows.length);
    let slope = 0;
    for (let k = 0; k < rows.length; k += 1) {
      const row = rows[k] ?? 0;
      const value = column[row] ?? 0;
      slope += (residual[row] ?? 0) * value;
      weighted[k] = (weight[row] ?? 0) * value;
    }
    const penalised = at < width - 1;
    gradient[at] = slope + (penalised ? l2 * (weights[at] ?? 0) : 0);
    for (let other = 0; other <= at; other += 1) {
      const sum = dotAt(columns[other] ?? column, rows, weighted) + (other === at && penalised ? l2 : 0);
      curvature[at * width + other] = sum;
      curvature[other * width + at] = sum;
    }
  });
  return { gradient, curvature };
}

function dotAt(column: Float32Array, rows: Uint32Array, weighted: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < rows.length; k += 1) sum += (weighted[k] ?? 0) * (column[rows[k] ?? 0] ?? 0);
  return sum;
}
