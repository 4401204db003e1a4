import { chiSquaredSf } from '../special/chi-squared-tail.ts';
import { insufficient, type Result } from '../statistic.ts';
import { type BinTotals, binTotals } from './bin-totals.ts';

/**
 * Pearson's chi-squared test of homogeneity: could both columns of counts come from the same shares?
 *
 * The sum over the 2 x bins table of (observed - expected)^2 / expected, the expected counts from the pooled
 * shares, so a category unseen in the reference has an expected count above zero and the answer stays finite.
 * Categories seen on neither side are left out. With `yates` a table of two bins gets the continuity
 * correction (half a row off every difference), which makes the test too careful but is what SciPy does.
 *
 * p-value: chi-squared with bins - 1 degrees of freedom. Effect: Cramer's V, 0 to 1.
 * Assumes independent rows; misleads when many expected counts are below 5 (`details.smallestExpected`; take
 * the G-test's sibling `populationStabilityIndex` with fewer bins, or Fisher's exact test for two bins).
 * Insufficient with fewer than two categories.
 * Source: K. Pearson (1900); F. Yates (1934), doi 10.2307/2983604.
 */
export function chiSquared(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  options: { readonly yates?: boolean } = {},
): Result {
  const totals = binTotals(reference, current);
  if ('status' in totals) return totals;
  const { n, m, bins } = totals;
  if (bins < 2) return insufficient(2, bins, 'a test of shares needs two categories');
  const yates = options.yates === true && bins === 2;
  const value = pearson(totals, yates);
  const df = bins - 1;
  const cramersV = Math.sqrt(pearson(totals, false) / (n + m));
  return {
    status: 'ok',
    value,
    pValue: chiSquaredSf(value, df),
    effect: Math.min(1, cramersV),
    effectUnit: "Cramer's V",
    n,
    m,
    bins,
    law: yates ? 'chi-squared with continuity correction' : 'chi-squared',
    details: { df, smallestExpected: smallestExpected(totals) },
  };
}

function pearson(totals: BinTotals, yates: boolean): number {
  const { n, m } = totals;
  let sum = 0;
  for (let i = 0; i < totals.bins; i += 1) {
    const a = totals.reference[i] ?? 0;
    const b = totals.current[i] ?? 0;
    const expectedA = (n * (a + b)) / (n + m);
    const expectedB = (m * (a + b)) / (n + m);
    // Never past zero: a table already closer than half a row to its expectation is taken as equal to it.
    const off = Math.abs(a * m - b * n) / (n + m);
    const difference = yates ? Math.max(0, off - 0.5) : off;
    sum += difference * difference * (1 / expectedA + 1 / expectedB);
  }
  return sum;
}

function smallestExpected(totals: BinTotals): number {
  const { n, m } = totals;
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < totals.bins; i += 1) {
    const pooled = (totals.reference[i] ?? 0) + (totals.current[i] ?? 0);
    smallest = Math.min(smallest, (Math.min(n, m) * pooled) / (n + m));
  }
  return smallest;
}
