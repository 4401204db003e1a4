import { DriftwatchError } from '../../errors.ts';
import type { Dataset } from './dataset.ts';
import { designMatrix } from './design-matrix.ts';
import { interpolate } from './isotonic.ts';
import type { Calibration, Linear, Model, Tree, TreeEnsemble } from './model.ts';

/**
 * What the model answers for each row: P(label = 1), the predicted number of a regression model, or the most
 * likely class of a multiclass model. Works in float32 in the order of the ONNX runtime, and agrees with it
 * within 1e-6.
 */
export function predict(model: Model, dataset: Dataset): Float32Array {
  if (model.task === 'multiclass') return likeliest(predictClasses(model, dataset), dataset.rows);
  const scores = predictScores(model, dataset);
  if (model.task === 'regression') return scores;
  return scores.map((score) => calibrated(model.calibration, score));
}

/** The score before calibration: log-odds for classification. Throws INVARIANT_BROKEN for a multiclass model. */
export function predictScores(model: Model, dataset: Dataset): Float32Array {
  const { estimator } = model;
  const columns = designMatrix(model, dataset);
  if (estimator.kind === 'linear') return linearScores(estimator, columns, dataset.rows);
  if (estimator.kind === 'trees') return treeScores(estimator, columns, dataset.rows);
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: 'A multiclass model has no single score.',
    next: 'Ask for the probabilities of its classes.',
  });
}

/** Probability of every class, an array of rows per class. P(label = 0) and P(label = 1) for classification. */
export function predictClasses(model: Model, dataset: Dataset): readonly Float32Array[] {
  const { estimator } = model;
  if (estimator.kind !== 'class-trees') {
    const ones = predict(model, dataset);
    return [ones.map((p) => 1 - p), ones];
  }
  const columns = designMatrix(model, dataset);
  const scores = estimator.classes.map((of) => treeScores(of, columns, dataset.rows));
  for (let row = 0; row < dataset.rows; row += 1) {
    const most = Math.max(...scores.map((score) => score[row] ?? 0));
    const powers = scores.map((score) => Math.exp((score[row] ?? 0) - most));
    const sum = powers.reduce((all, power) => all + power, 0);
    scores.forEach((score, k) => {
      score[row] = (powers[k] ?? 0) / sum;
    });
  }
  return scores;
}

function likeliest(classes: readonly Float32Array[], rows: number): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) =>
    classes.reduce((best, of, k) => ((of[row] ?? 0) > (classes[best]?.[row] ?? 0) ? k : best), 0),
  );
}

function calibrated(calibration: Calibration, score: number): number {
  if (calibration.method === 'none') return logistic(score);
  if (calibration.method === 'platt') {
    return logistic(Math.fround(Math.fround(score * calibration.slope) + calibration.intercept));
  }
  return interpolate(calibration, score);
}

function logistic(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

function linearScores(linear: Linear, columns: readonly Float32Array[], rows: number): Float32Array {
  const scores = new Float64Array(rows).fill(linear.intercept);
  columns.forEach((column, at) => {
    const weight = linear.weights[at] ?? 0;
    for (let row = 0; row < rows; row += 1) scores[row] = (scores[row] ?? 0) + weight * (column[row] ?? 0);
  });
  return Float32Array.from(scores);
}

function treeScores(
  ensemble: Omit<TreeEnsemble, 'kind'>,
  columns: readonly Float32Array[],
  rows: number,
): Float32Array {
  const scores = new Float32Array(rows);
  for (const tree of ensemble.trees) {
    for (let row = 0; row < rows; row += 1) {
      scores[row] = (scores[row] ?? 0) + (tree.value[leafOf(tree, columns, row)] ?? 0);
    }
  }
  return scores.map((score) => score + ensemble.base);
}

function leafOf(tree: Tree, columns: readonly Float32Array[], row: number): number {
  let node = 0;
  for (let left = tree.left[0] ?? -1; left >= 0; left = tree.left[node] ?? -1) {
    const value = columns[tree.column[node] ?? 0]?.[row] ?? Number.NaN;
    const goesLeft = value <= (tree.threshold[node] ?? 0) || (Number.isNaN(value) && tree.missingLeft[node]);
    node = goesLeft === true ? left : (tree.right[node] ?? 0);
  }
  return node;
}
