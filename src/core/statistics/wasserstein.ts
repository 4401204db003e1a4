import { pairwiseSum } from '../special/pairwise-sum.ts';
import { finiteOr, type Result } from '../statistic.ts';
import { rankedPool } from './ranked-pool.ts';
import { twoSamples } from './two-samples.ts';

/**
 * Wasserstein-1 distance: how far, on average, values must be moved to turn one sample into the other, in the
 * unit of the feature. The area between the two empirical distribution functions.
 *
 * Effect: the distance divided by the reference's standard deviation (at least 0.001, so that a nearly constant
 * reference gives a large but finite number), in reference standard deviations.
 *
 * No p-value: its law depends on the distribution. Misleads when compared with a fixed threshold: it is not zero
 * for equal sources but about 0.6 sd / sqrt(m) for normal values, so a fixed threshold is a different test at
 * every size. Heavy tails make it jump with single values; take `kolmogorovSmirnov` or the index on bins for
 * evidence, this for size. Infinities, null and NaN are left out and counted in `details.dropped`.
 *
 * Source: S. Vallender (1974), doi 10.1137/1118101 (the distance as an area between distribution functions).
 */
export function wasserstein(reference: ArrayLike<number | null>, current: ArrayLike<number | null>): Result {
  const samples = twoSamples(reference, current, { need: 1, infinities: false });
  if ('status' in samples) return samples;
  const { n, m, dropped } = samples;
  const pool = rankedPool(samples.reference, samples.current);
  let below = 0;
  let belowCurrent = 0;
  let value = 0;
  for (let i = 0; i + 1 < pool.values.length; i += 1) {
    below += pool.reference[i] ?? 0;
    belowCurrent += pool.current[i] ?? 0;
    value += Math.abs(below / n - belowCurrent / m) * ((pool.values[i + 1] ?? 0) - (pool.values[i] ?? 0));
  }
  return wassersteinOfArea({ value, n, m, referenceSd: standardDeviation(samples.reference), dropped });
}

/** The answer for an area that was measured elsewhere, such as in the database. */
export function wassersteinOfArea(args: {
  value: number;
  n: number;
  m: number;
  referenceSd: number;
  dropped?: number;
}): Result {
  const { value, n, m, referenceSd, dropped } = args;
  return finiteOr({
    status: 'ok',
    value,
    effect: value / Math.max(referenceSd, SMALLEST_SD),
    effectUnit: 'reference standard deviations',
    n,
    m,
    law: 'none: a distance in the unit of the feature',
    details: { referenceSd, ...(dropped === undefined ? {} : { dropped }) },
  });
}

/** Population standard deviation (divided by n). Numbers whose squares would overflow are scaled first. */
export function standardDeviation(values: Float64Array): number {
  const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const scale = largest > 1e150 ? 2 ** 520 : 1;
  const scaled = scale === 1 ? values : values.map((x) => x / scale);
  const mean = pairwiseSum(scaled) / scaled.length;
  const squares = scaled.map((x) => (x - mean) * (x - mean));
  return scale * Math.sqrt(pairwiseSum(squares) / scaled.length);
}

const SMALLEST_SD = 0.001;
