import { finiteOr, type Result } from '../statistic.ts';
import { rankedPool } from './ranked-pool.ts';
import { twoSamples } from './two-samples.ts';

/**
 * Energy distance: the square root of twice the squared area between the two empirical distribution functions,
 * in the square root of the feature's unit. Sorting makes it O(n log n); the textbook form over all pairs of
 * rows gives the same number.
 *
 * Misleads when compared between features: it has no p-value (its law depends on the distribution) and is not
 * scale-free: doubling the feature multiplies it by the square root of 2. Take `cramerVonMises` for the same
 * idea on ranks with a p-value, `wasserstein` for a distance in the feature's own unit. Infinities, null and NaN
 * are left out and counted.
 *
 * Source: G. Szekely and M. Rizzo, Energy statistics (2013), doi 10.1016/j.jspi.2013.03.018, section 3.
 */
export function energyDistance(
  reference: ArrayLike<number | null>,
  current: ArrayLike<number | null>,
): Result {
  const samples = twoSamples(reference, current, { need: 1, infinities: false });
  if ('status' in samples) return samples;
  const { n, m, dropped } = samples;
  const pool = rankedPool(samples.reference, samples.current);
  let below = 0;
  let belowCurrent = 0;
  let area = 0;
  for (let i = 0; i + 1 < pool.values.length; i += 1) {
    below += pool.reference[i] ?? 0;
    belowCurrent += pool.current[i] ?? 0;
    const gap = below / n - belowCurrent / m;
    area += gap * gap * ((pool.values[i + 1] ?? 0) - (pool.values[i] ?? 0));
  }
  return finiteOr({
    status: 'ok',
    value: Math.sqrt(2 * area),
    n,
    m,
    law: 'none: a distance in the square root of the unit of the feature',
    details: { dropped },
  });
}
