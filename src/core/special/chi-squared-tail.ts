import { incompleteGamma } from './incomplete-gamma.ts';

/**
 * Probability that a chi-squared variable with `df` > 0 degrees of freedom is at least x.
 *
 * Source: Abramowitz and Stegun 26.4.19.
 */
export function chiSquaredSf(x: number, df: number): number {
  return incompleteGamma(df / 2, x / 2).upper;
}
