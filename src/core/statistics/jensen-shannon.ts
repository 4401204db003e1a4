import { chiSquaredSf } from '../special/chi-squared-tail.ts';
import { pairwiseSum } from '../special/pairwise-sum.ts';
import type { Result } from '../statistic.ts';
import { shares } from './shares.ts';

/**
 * Jensen-Shannon distance between the shares of a set of bins: 0 when equal, 1 when they have no bin in common
 * (base 2). The square root of the Jensen-Shannon divergence, which is given in `details.divergence`; say which
 * of the two you quote, for small changes they differ by an order of magnitude.
 *
 * `base` is that of the logarithm: 2 (bits, the default) or Math.E, with which the distance ends at 0.8326.
 * Empty bins need no correction. Bins empty on both sides are left out.
 *
 * p-value: 8 nm / (n + m) times the divergence in natural units is about chi-squared with bins - 1 degrees of
 * freedom when nothing changed, given some 5 rows per bin; below that there is none.
 * Effect: the distance itself. Misleads with many bins and few rows: 50 categories and 100 rows give 0.4 from
 * noise alone. Take `populationStabilityIndex` for an effect that has the noise taken off.
 *
 * Source: J. Lin (1991), doi 10.1109/18.61115; D. Endres and J. Schindelin (2003), doi 10.1109/TIT.2003.813506.
 */
export function jensenShannon(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  options: { readonly base?: number } = {},
): Result {
  const parts = shares(reference, current);
  if ('status' in parts) return parts;
  const { p, q, n, m, bins } = parts;
  const base = options.base ?? 2;
  const middle = p.map((share, i) => (share + (q[i] ?? 0)) / 2);
  const left = p.map((share, i) => relativeEntropy(share, middle[i] ?? 0));
  const right = q.map((share, i) => relativeEntropy(share, middle[i] ?? 0));
  const natural = Math.max(0, pairwiseSum(left) + pairwiseSum(right)) / 2;
  const divergence = natural / Math.log(base);
  const value = Math.sqrt(divergence);
  const enough = bins > 1 && Math.min(n, m) >= 5 * bins;
  const scaled = (8 * natural * n) / (1 + n / m);
  return {
    status: 'ok',
    value,
    ...(enough ? { pValue: chiSquaredSf(scaled, bins - 1) } : {}),
    effect: value,
    effectUnit: base === 2 ? 'Jensen-Shannon distance, base 2' : `Jensen-Shannon distance, base ${base}`,
    n,
    m,
    bins,
    law: enough ? '8 nm / (n + m) times the divergence: chi-squared' : 'none: fewer than 5 rows per bin',
    details: { divergence, base },
  };
}

/** p ln(p / q); by log1p where the shares are close, or the difference of equal numbers is all that is left. */
function relativeEntropy(p: number, q: number): number {
  if (p === 0) return 0;
  const ratio = p / q;
  return ratio > 0.5 && ratio < 2 ? p * Math.log1p((p - q) / q) : p * Math.log(ratio);
}
