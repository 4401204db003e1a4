import { chiSquaredSf } from '../special/chi-squared-tail.ts';
import { pairwiseSum } from '../special/pairwise-sum.ts';
import { insufficient, type Result } from '../statistic.ts';
import { binTotals } from './bin-totals.ts';

/**
 * G-test of homogeneity: twice the log-likelihood ratio of separate shares against pooled shares, the
 * information-theoretic sibling of Pearson's chi-squared and equal to 2 (n + m) times a weighted
 * Jensen-Shannon divergence in natural units.
 *
 * p-value: chi-squared with bins - 1 degrees of freedom, without continuity correction. Effect: the information
 * one row carries about the side it came from, in bits, 0 to 1. Misleads with many rare categories, where it
 * rejects too often and Pearson's does not; take `chiSquared` there.
 * Insufficient with fewer than two categories.
 *
 * Source: R. Sokal and F. Rohlf, Biometry, section 17.2.
 */
export function gTest(reference: ArrayLike<number>, current: ArrayLike<number>): Result {
  const totals = binTotals(reference, current);
  if ('status' in totals) return totals;
  const { n, m, bins } = totals;
  if (bins < 2) return insufficient(2, bins, 'a test of shares needs two categories');
  const term = (rows: number) => (count: number, i: number) => {
    const expected = (rows * ((totals.reference[i] ?? 0) + (totals.current[i] ?? 0))) / (n + m);
    return count > 0 ? 2 * count * Math.log(count / expected) : 0;
  };
  const terms = [...totals.reference.map(term(n)), ...totals.current.map(term(m))];
  const value = Math.max(0, pairwiseSum(terms));
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
