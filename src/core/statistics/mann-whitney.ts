import { mannWhitneyTail } from '../special/mann-whitney-tail.ts';
import { normalSf } from '../special/normal.ts';
import type { Result } from '../statistic.ts';
import { type RankedPool, rankedPool } from './ranked-pool.ts';
import { twoSamples } from './two-samples.ts';

/**
 * Mann-Whitney U: does a row of one sample tend to be larger than a row of the other? The value is U of the
 * reference: over all pairs, how often its row is the larger one, ties counting one half.
 *
 * p-value, two-sided, by `method`: `exact` counts arrangements (right without ties only), `asymptotic` is the
 * normal law with variance corrected for ties and half a unit of continuity correction. `auto` is exact when
 * one side has at most 8 rows and nothing is tied. When all rows are tied the p-value is 1.
 * Effect: the probability that a current row exceeds a reference row, plus half the probability of a tie,
 * minus one half: 0 when neither is larger, +-0.5 when they do not overlap.
 *
 * Misleads when the middle stays: two samples with the same middle and different spread look equal to it; take
 * `kolmogorovSmirnov` or `andersonDarling`. Infinities are ranked; null and NaN left out.
 *
 * Source: H. Mann and D. Whitney (1947), doi 10.1214/aoms/1177730491.
 */
export function mannWhitney(
  reference: ArrayLike<number | null>,
  current: ArrayLike<number | null>,
  options: { readonly method?: 'auto' | 'exact' | 'asymptotic' } = {},
): Result {
  const samples = twoSamples(reference, current, { need: 1, infinities: true });
  if ('status' in samples) return samples;
  const { n, m, dropped } = samples;
  const { u, ties } = countWins(rankedPool(samples.reference, samples.current), n, m);
  const method = options.method ?? (Math.min(n, m) <= 8 && ties === 0 ? 'exact' : 'asymptotic');
  const exact = method === 'exact' || (method === 'auto' && Math.min(n, m) <= 8 && ties === 0);
  const larger = Math.max(u, n * m - u);
  const pValue = exact
    ? Math.min(1, 2 * mannWhitneyTail(n, m, n * m - Math.floor(larger)))
    : asymptotic(larger, n, m, ties);
  return {
    status: 'ok',
    value: u,
    pValue,
    effect: 0.5 - u / n / m,
    effectUnit: 'probability that a current row is larger, minus one half',
    n,
    m,
    law: exact ? 'exact, ties ignored' : 'normal, with tie and continuity correction',
    details: { ties, dropped },
  };
}

/** U of the reference, and the tie term: the sum of t^3 - t over groups of t equal rows. */
function countWins(pool: RankedPool, n: number, m: number): { u: number; ties: number } {
  let above = m;
  let losses = 0;
  let ties = 0;
  for (let i = 0; i < pool.values.length; i += 1) {
    const a = pool.reference[i] ?? 0;
    const b = pool.current[i] ?? 0;
    above -= b;
    losses += a * (above + b / 2);
    ties += (a + b) ** 3 - (a + b);
  }
  return { u: n * m - losses, ties };
}

function asymptotic(larger: number, n: number, m: number, ties: number): number {
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  // All rows tied: no order to speak of.
  if (!(variance > 0)) return 1;
  return Math.min(1, 2 * normalSf((larger - (n * m) / 2 - 0.5) / Math.sqrt(variance)));
}
