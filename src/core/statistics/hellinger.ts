import { pairwiseSum } from '../special/pairwise-sum.ts';
import type { Result } from '../statistic.ts';
import { shares } from './shares.ts';

/**
 * Hellinger distance between the shares of a set of bins: the length of the difference of their square roots,
 * divided by the square root of 2. 0 when equal, 1 when they have no bin in common.
 *
 * Like Jensen-Shannon it forgives empty bins; unlike it, it has no unit of information. Misleads when compared
 * with a fixed threshold: it is not zero for equal sources but about sqrt((bins - 1)(1/n + 1/m) / 8). No
 * p-value: take `chiSquared`.
 *
 * Source: E. Hellinger (1909), doi 10.1515/crll.1909.136.210.
 */
export function hellinger(reference: ArrayLike<number>, current: ArrayLike<number>): Result {
  const parts = shares(reference, current);
  if ('status' in parts) return parts;
  const { p, q, n, m, bins } = parts;
  const squares = p.map((share, i) => (Math.sqrt(share) - Math.sqrt(q[i] ?? 0)) ** 2);
  const value = Math.min(1, Math.sqrt(pairwiseSum(squares) / 2));
  return {
    status: 'ok',
    value,
    effect: value,
    effectUnit: 'Hellinger distance',
    n,
    m,
    bins,
    law: 'none: a distance',
  };
}
