import { solvePositiveDefinite } from '../models/solve-positive-definite.ts';

/**
 * Coefficients of a logistic regression on a given design, by Newton steps, with a small penalty `ridge` (in
 * rows) on every coefficient so that columns that copy each other do no harm. Rows may carry weights. The first
 * column should be 1. Misleads when a column separates the labels: the penalty alone then sets its size.
 * Source: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning (2009), 4.4.1.
 */
export function ridgeLogit(args: {
  design: readonly Float64Array[];
  labels: ArrayLike<number>;
  weights?: ArrayLike<number>;
  ridge?: number;
}): Float64Array {
  const { design, labels, weights } = args;
  const ridge = args.ridge ?? 1;
  const size = design[0]?.length ?? 0;
  let beta = new Float64Array(size);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const gradient = beta.map((b) => ridge * b);
    const curvature = new Float64Array(size * size);
    for (let i = 0; i < size; i += 1) curvature[i * size + i] = ridge;
    for (const [row, x] of design.entries()) {
      const weight = weights?.[row] ?? 1;
      const p = logistic(linear(beta, x));
      const residual = weight * (p - (labels[row] ?? 0));
      const spread = weight * Math.max(1e-9, p * (1 - p));
      for (let i = 0; i < size; i += 1) {
        const left = x[i] ?? 0;
        gradient[i] = (gradient[i] ?? 0) + residual * left;
        const scaled = spread * left;
        for (let j = 0; j <= i; j += 1) {
          curvature[i * size + j] = (curvature[i * size + j] ?? 0) + scaled * (x[j] ?? 0);
        }
      }
    }
    const step = solvePositiveDefinite(curvature, gradient);
    if (step === undefined) break;
    beta = beta.map((b, i) => b - (step[i] ?? 0));
    if (step.every((s) => Math.abs(s) < 1e-8)) break;
  }
  return beta;
}

export function linear(beta: Float64Array, x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < beta.length; i += 1) sum += (beta[i] ?? 0) * (x[i] ?? 0);
  return sum;
}

export function logistic(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

const MOST_ROUNDS = 25;
