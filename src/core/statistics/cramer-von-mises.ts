import { cramerVonMisesLimitSf } from '../special/cramer-von-mises-limit.ts';
import type { Result } from '../statistic.ts';
import { rankedPool } from './ranked-pool.ts';
import { twoSamples } from './two-samples.ts';

/**
 * Two-sample Cramer-von Mises: the squared gap between the two distribution functions, summed over the pooled
 * rows. Like Kolmogorov-Smirnov it reads ranks only, but it adds up small gaps instead of taking the largest.
 *
 * p-value: the statistic is moved to the mean and variance of the limit law and looked up there, computed as a
 * tail, so it stays right where 1 - cdf would have lost all digits. Approximate below about 10 rows a side.
 *
 * Misleads about the tails, where it is weak: take `andersonDarling`. With ties (mid-ranks) the p-value is
 * approximate. Insufficient below two rows a side.
 *
 * Source: T. Anderson (1962), doi 10.1214/aoms/1177704477; W. Conover, Practical Nonparametric Statistics,
 * section 6.3 (mean and variance).
 */
export function cramerVonMises(
  reference: ArrayLike<number | null>,
  current: ArrayLike<number | null>,
): Result {
  const samples = twoSamples(reference, current, { need: 2, infinities: true });
  if ('status' in samples) return samples;
  const { n, m, dropped } = samples;
  const pool = rankedPool(samples.reference, samples.current);
  const total = n + m;
  const product = n * m;
  let below = 0;
  let first = 0;
  let firstCurrent = 0;
  let sum = 0;
  for (let i = 0; i < pool.values.length; i += 1) {
    const a = pool.reference[i] ?? 0;
    const b = pool.current[i] ?? 0;
    const midrank = below + (a + b + 1) / 2;
    sum += n * squares(midrank - first, a) + m * squares(midrank - firstCurrent, b);
    below += a + b;
    first += a;
    firstCurrent += b;
  }
  const value = sum / (product * total) - (4 * product - 1) / (6 * total);
  const mean = (1 + 1 / total) / 6;
  const spread =
    ((total + 1) * (4 * product * total - 3 * (n * n + m * m) - 2 * product)) /
    (45 * total * total * 4 * product);
  const standardised = 1 / 6 + (value - mean) / Math.sqrt(45 * spread);
  return {
    status: 'ok',
    value,
    pValue: standardised < 0.003 ? 1 : cramerVonMisesLimitSf(standardised),
    n,
    m,
    law: 'Cramer-von Mises limit law, moved to the mean and variance of the statistic',
    details: { standardised, dropped },
  };
}

/** Sum of (offset - j)^2 over j = 1..rows. */
function squares(offset: number, rows: number): number {
  const middle = offset - (rows + 1) / 2;
  return rows * middle * middle + (rows * (rows * rows - 1)) / 12;
}
