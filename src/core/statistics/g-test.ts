import { chiSquaredSf } from '../special/chi-squared-tail.ts';
import { insufficient, type Result } from '../statistic.ts';
import { binTotals } from './bin-totals.ts';

/**
 * G-test of homogeneity: twice the log-likelihood ratio of separate shares against pooled shares, the
 * information-theoretic sibling of Pearson's chi-squared and equal to 2 (n + m) times a weighted
 * Jensen-Shannon divergence in natural units.
 *
 * p-value: chi-squared with bins - 1 degrees of freedom, without continuity correction. Effect: the information
 * one row carries about the side it came from, in bits, 0 to 1.
 * With many rare categories it rejects too often where Pearson's does not; take `chiSquared` there.
 * Insufficient with fewer than two categories.
 *
 * Source: R. Sokal and F. Rohlf, Biometry, section 17.2.
 */
export function gTest(reference: ArrayLike<number>, current: ArrayLike<number>): Result {
  const totals = binTotals(reference, current);
  if ('status' in totals) return totals;
  const { n, m, bins } = totals;
  if (bins < 2) return insufficient(2, bins, 'a test of shares needs two categories');
  let sum = 0;
  for (let i = 0; i < bins; i += 1) {
    const a = totals.reference[i] ?? 0;
    const b = totals.current[i] ?? 0;
    const pooled = (a + b) / (n + m);
    if (a > 0) sum += a * Math.log(a / (n * pooled));
    if (b > 0) sum += b * Math.log(b / (m * pooled));
  }
  const value = Math.max(0, 2 * sum);
  const df = bins - 1;
  return {
    status: 'ok',
    value,
    pValue: chiSquaredSf(value, df),
    effect: value / (2 * Math.LN2 * (n + m)),
    effectUnit: 'bits per row about the side it came from',
    n,
    m,
    bins,
    law: 'chi-squared',
    details: { df },
  };
}
