import { pairwiseSum } from '../special/pairwise-sum.ts';
import type { Result } from '../statistic.ts';
import { shares } from './shares.ts';

/**
 * Total variation: the share of rows that would have to change bins to turn one side into the other. Half the
 * sum of the absolute differences of the shares; 0 when equal, 1 when they have no bin in common.
 *
 * The easiest of the bin distances to explain. Misleads when compared with a fixed threshold: for equal sources
 * it grows with the square root of the number of bins over the rows. No p-value: take `chiSquared`.
 *
 * Source: D. Levin and Y. Peres, Markov Chains and Mixing Times, section 4.1.
 */
export function totalVariation(reference: ArrayLike<number>, current: ArrayLike<number>): Result {
  const parts = shares(reference, current);
  if ('status' in parts) return parts;
  const { p, q, n, m, bins } = parts;
  const value = Math.min(1, pairwiseSum(p.map((share, i) => Math.abs(share - (q[i] ?? 0)))) / 2);
  return {
    status: 'ok',
    value,
    effect: value,
    effectUnit: 'share of rows that moved',
    n,
    m,
    bins,
    law: 'none: a distance',
  };
}
