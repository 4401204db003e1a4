import { equalMeans, type MeanOf, meanOf } from './mean-difference.ts';
import type { Prepared } from './residual-moments.ts';
import { linear, logistic } from './ridge-logit.ts';

/** p-value of P(x|y) being unchanged in both classes, Bonferroni over the two. */
export function equalWithinClasses(reference: Prepared, current: Prepared): number {
  const of = (rows: Prepared, label: number): MeanOf =>
    meanOf(rows.shapes.filter((_, at) => rows.labels[at] === label));
  const each = [0, 1].map((label) => equalMeans(of(reference, label), of(current, label)));
  return Math.min(1, 2 * Math.min(...each));
}

/**
 * Log-likelihood ratio of the window's features: label shift against an unchanged P(x). Under label shift the
 * density of x is the reference's times a mixture of P(y|x) with the new shares, so the ratio needs no density
 * at all. `need` is the rows at which it would be decisive 19 times in 20.
 */
export function labelShiftOdds(
  reference: Prepared,
  current: Prepared,
  beta: Float64Array,
): { nats: number; need: number } {
  const before = shareOfOnes(reference.labels);
  const after = shareOfOnes(current.labels);
  let [nats, squares] = [0, 0];
  for (const moments of current.moments) {
    const p = logistic(linear(beta, moments));
    const term = Math.log((after / before) * p + ((1 - after) / (1 - before)) * (1 - p));
    nats += term;
    squares += term * term;
  }
  const m = current.moments.length;
  const variance = squares / m - (nats / m) ** 2;
  // Mean m v / 2 and variance m v; solved for the mean minus 1.645 sd reaching the decisive nats.
  const spread = (1.645 + Math.sqrt(1.645 ** 2 + 2 * DECISIVE)) ** 2;
  return { nats, need: Math.max(m + 1, Math.ceil(spread / Math.max(variance, 1e-6))) };
}

export function shareOfOnes(labels: ArrayLike<number>): number {
  let ones = 0;
  for (let at = 0; at < labels.length; at += 1) ones += labels[at] === 1 ? 1 : 0;
  return ones / labels.length;
}

/** Odds of 20 to 1. */
export const DECISIVE = 3;
