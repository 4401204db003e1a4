import type { Result } from '../statistic.ts';
import { chiSquared } from './chi-squared.ts';

/**
 * Cramer's V: chi-squared on the scale from 0 (same shares) to 1 (no category in common), so that tables of
 * different sizes can be compared. The square root of chi-squared over the number of rows.
 *
 * Biased upwards by about sqrt((bins - 1) / rows) when nothing changed; `corrected` (the default) takes that
 * bias off and returns 0 where nothing is left. p-value: that of chi-squared. Misleads when one side is much
 * larger than the other, where it cannot reach 1. For a share of rows take `totalVariation`.
 *
 * Source: H. Cramer, Mathematical Methods of Statistics (1946), 21.9; W. Bergsma, A bias-correction for
 * Cramer's V (2013), doi 10.1016/j.jkss.2012.10.002.
 */
export function cramersV(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  options: { readonly corrected?: boolean } = {},
): Result {
  const test = chiSquared(reference, current);
  if (test.status === 'insufficient') return test;
  const { n, m } = test;
  const rows = n + m;
  const bins = test.bins ?? 2;
  const corrected = options.corrected ?? true;
  const value = corrected ? bergsma(test.value / rows, rows, bins) : Math.sqrt(test.value / rows);
  return {
    ...test,
    value: Math.min(1, value),
    effect: Math.min(1, value),
    effectUnit: corrected ? "Cramer's V, bias-corrected" : "Cramer's V",
    law: 'chi-squared, for the p-value',
  };
}

function bergsma(perRow: number, rows: number, bins: number): number {
  const excess = Math.max(0, perRow - (bins - 1) / (rows - 1));
  const twoSides = 2 - 1 / (rows - 1);
  const categories = bins - (bins - 1) ** 2 / (rows - 1);
  const smaller = Math.min(twoSides, categories) - 1;
  return smaller > 0 ? Math.sqrt(excess / smaller) : 0;
}
