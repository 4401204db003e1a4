import type { Task } from './model.ts';

/**
 * Scores of every row, one array per output: one for classification and regression, one per class for
 * multiclass.
 */
export type Scores = readonly Float64Array[];

/** The constant scores that fit best: log-odds of the share of ones, the mean, or log shares of the classes. */
export function baseScores(label: Float64Array, task: Task): readonly number[] {
  if (task === 'multiclass') {
    const rows = new Float64Array(1 + label.reduce((most, value) => Math.max(most, value), 0));
    for (const value of label) rows[value] = (rows[value] ?? 0) + 1;
    // A class number that no row has keeps a small share, so that its score is finite.
    return Array.from(rows, (count) =>
      Math.fround(Math.log((count + 0.5) / (label.length + 0.5 * rows.length))),
    );
  }
  const mean = label.reduce((sum, value) => sum + value, 0) / label.length;
  return [Math.fround(task === 'classification' ? Math.log(mean / (1 - mean)) : mean)];
}

/** First and second derivative of the loss by each score, per row; squared error keeps its curvature of 1. */
export function differentiate(
  scores: Scores,
  label: Float64Array,
  task: Task,
  gradient: Scores,
  curvature: Scores,
): void {
  if (task === 'multiclass') {
    differentiateClasses(scores, label, gradient, curvature);
    return;
  }
  const [score = NONE, slope = NONE, bend = NONE] = [scores[0], gradient[0], curvature[0]];
  for (let row = 0; row < score.length; row += 1) {
    const at = score[row] ?? 0;
    if (task === 'regression') {
      slope[row] = at - (label[row] ?? 0);
      continue;
    }
    const p = 1 / (1 + Math.exp(-at));
    slope[row] = p - (label[row] ?? 0);
    bend[row] = Math.max(p * (1 - p), 1e-16);
  }
}

/** Mean log-loss in nats, or mean squared error. */
export function meanLoss(scores: Scores, label: Float64Array, task: Task): number {
  let loss = 0;
  const [first = NONE] = scores;
  for (let row = 0; row < label.length; row += 1) {
    const y = label[row] ?? 0;
    const score = first[row] ?? 0;
    if (task === 'regression') loss += (score - y) ** 2;
    else if (task === 'multiclass') loss += logSum(scores, row) - (scores[y]?.[row] ?? 0);
    else loss += Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - y * score;
  }
  return loss / label.length;
}

/**
 * Softmax with the diagonal of its curvature, times K / (K - 1): the K scores of a row are one too many, and
 * the factor is what that redundancy takes away. Source: Friedman 2001, algorithm 6; LightGBM does the same.
 */
function differentiateClasses(
  scores: Scores,
  label: Float64Array,
  gradient: Scores,
  curvature: Scores,
): void {
  const factor = scores.length / Math.max(1, scores.length - 1);
  for (let row = 0; row < label.length; row += 1) {
    const normaliser = logSum(scores, row);
    for (let k = 0; k < scores.length; k += 1) {
      const p = Math.exp((scores[k]?.[row] ?? 0) - normaliser);
      const [slope = NONE, bend = NONE] = [gradient[k], curvature[k]];
      slope[row] = p - (label[row] === k ? 1 : 0);
      bend[row] = Math.max(factor * p * (1 - p), 1e-16);
    }
  }
}

/** Logarithm of the sum of e^score over the classes, written so that a large score does not overflow. */
function logSum(scores: Scores, row: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const score of scores) most = Math.max(most, score[row] ?? 0);
  let sum = 0;
  for (const score of scores) sum += Math.exp((score[row] ?? 0) - most);
  return most + Math.log(sum);
}

const NONE = new Float64Array(0);
