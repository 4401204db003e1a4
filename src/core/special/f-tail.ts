import { incompleteBeta } from './incomplete-beta.ts';

/**
 * Probability that an F variable with `df1` and `df2` degrees of freedom is at least x.
 *
 * Source: Abramowitz and Stegun 26.6.2.
 */
export function fSf(x: number, df1: number, df2: number): number {
  if (!(x > 0)) return 1;
  const total = df2 + df1 * x;
  return incompleteBeta(df2 / 2, df1 / 2, df2 / total, (df1 * x) / total);
}
