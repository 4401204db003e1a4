import { chiSquaredSf } from '../special/chi-squared-tail.ts';
import { insufficient, type Result } from '../statistic.ts';
import { fisherTwoSided } from './fisher-exact.ts';

/**
 * Has a rate changed? a of n reference rows against b of m current rows. The form behind the missing rate and
 * its siblings.
 *
 * Value: the current rate. Effect: current minus reference, a share of rows. p-value: exact (Fisher) while an
 * expected count is below 5, else Pearson's chi-squared with one degree of freedom, which is the squared
 * two-proportion z.
 * Assumes independent rows: an outage that nulls a run of rows counts as many events, not one.
 *
 * Source: G. Upton (1982), doi 10.2307/2981890.
 */
export function rateDifference(
  reference: { readonly hits: number; readonly rows: number },
  current: { readonly hits: number; readonly rows: number },
): Result {
  const { hits: a, rows: n } = reference;
  const { hits: b, rows: m } = current;
  if (!(n > 0 && m > 0)) return insufficient(1, Math.min(n, m), 'one side has no rows');
  if (n + m > Number.MAX_SAFE_INTEGER) return insufficient(1, 0, 'more rows than a double can count');
  const pooled = (a + b) / (n + m);
  const gap = b / m - a / n;
  const fewest = Math.min(n, m) * Math.min(pooled, 1 - pooled);
  const exact = fewest < 5;
  const pValue = exact ? fisherTwoSided(a, n, b, m) : chiSquaredSf(squaredZ(gap, pooled, n, m), 1);
  return {
    status: 'ok',
    value: b / m,
    pValue: pooled === 0 || pooled === 1 ? 1 : pValue,
    effect: gap,
    effectUnit: 'share of rows',
    n,
    m,
    law: exact ? 'exact, given both margins' : 'two proportions, chi-squared with 1 degree of freedom',
    details: { referenceRate: a / n },
  };
}

function squaredZ(gap: number, pooled: number, n: number, m: number): number {
  return (gap * gap) / (pooled * (1 - pooled) * (1 / n + 1 / m));
}
