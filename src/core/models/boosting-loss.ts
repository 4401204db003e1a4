import type { Task } from './model.ts';

/** The constant score that fits best: log-odds of the share of ones, or the mean. */
export function baseScore(label: Float64Array, task: Task): number {
  const mean = label.reduce((sum, value) => sum + value, 0) / label.length;
  return Math.fround(task === 'classification' ? Math.log(mean / (1 - mean)) : mean);
}

/** First and second derivative of the loss by the score, per row; squared error keeps its curvature of 1. */
export function differentiate(
  scores: Float64Array,
  label: Float64Array,
  task: Task,
  gradient: Float64Array,
  curvature: Float64Array,
): void {
  for (let row = 0; row < scores.length; row += 1) {
    const score = scores[row] ?? 0;
    if (task === 'regression') {
      gradient[row] = score - (label[row] ?? 0);
      continue;
    }
    const p = 1 / (1 + Math.exp(-score));
    gradient[row] = p - (label[row] ?? 0);
    curvature[row] = Math.max(p * (1 - p), 1e-16);
  }
}

/** Mean log-loss in nats, or mean squared error. */
export function meanLoss(scores: Float64Array, label: Float64Array, task: Task): number {
  let loss = 0;
  for (let row = 0; row < scores.length; row += 1) {
    const score = scores[row] ?? 0;
    const y = label[row] ?? 0;
    if (task === 'regression') loss += (score - y) ** 2;
    else loss += Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - y * score;
  }
  return loss / scores.length;
}
