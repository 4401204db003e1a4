import { incompleteBeta } from './incomplete-beta.ts';

/**
 * Probability that an F variable with `df1` and `df2` > 0 degrees of freedom exceeds x >= 0.
 *
 * Source: Abramowitz and Stegun 26.6.2.
 */
export function fSf(x: number, df1: number, df2: number): number {
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const scaled = df1 * x;
  return incompleteBeta(df2 / 2, df1 / 2, df2 / (df2 + scaled), scaled / (df2 + scaled));
}
