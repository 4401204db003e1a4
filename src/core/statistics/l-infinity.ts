import { normalSf } from '../special/normal.ts';
import type { Result } from '../statistic.ts';
import { shares } from './shares.ts';

/**
 * L-infinity distance: the largest change of the share of any one bin. 0 when equal, 1 at most.
 *
 * p-value: each bin's difference against its pooled binomial error, two-sided, times the number of bins
 * (Bonferroni), the smallest of them; so it also says which bin changed most surely, even when a larger bin
 * changed more. Given only where the pooled counts reach 10 rows in every bin.
 * Effect: the value, in shares of rows. Misleads when many small moves add up: take `totalVariation` or
 * `populationStabilityIndex`.
 *
 * Source: the definition of the supremum norm; C. Bonferroni (1936) for the correction.
 */
export function lInfinity(reference: ArrayLike<number>, current: ArrayLike<number>): Result {
  const parts = shares(reference, current);
  if ('status' in parts) return parts;
  const { p, q, n, m, bins } = parts;
  let value = 0;
  let strongest = 0;
  let fewest = Number.POSITIVE_INFINITY;
  p.forEach((share, i) => {
    const other = q[i] ?? 0;
    const pooled = (share * n + other * m) / (n + m);
    const error = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
    value = Math.max(value, Math.abs(share - other));
    fewest = Math.min(fewest, pooled * (n + m));
    if (error > 0) strongest = Math.max(strongest, Math.abs(share - other) / error);
  });
  const enough = fewest >= 10;
  return {
    status: 'ok',
    value,
    ...(enough ? { pValue: Math.min(1, 2 * bins * normalSf(strongest)) } : {}),
    effect: value,
    effectUnit: 'share of rows',
    n,
    m,
    bins,
    law: enough ? 'normal per bin, Bonferroni over bins' : 'none: a bin has fewer than 10 rows',
  };
}
