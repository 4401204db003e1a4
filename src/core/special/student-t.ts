import { incompleteBeta } from './incomplete-beta.ts';

/**
 * Probability that a Student t variable with `df` > 0 degrees of freedom exceeds t.
 *
 * Source: Abramowitz and Stegun 26.7.1.
 */
export function studentTSf(t: number, df: number): number {
  const half = studentTTwoSided(t, df) / 2;
  return t >= 0 ? half : 1 - half;
}

/** Probability that |T| is at least |t|. */
export function studentTTwoSided(t: number, df: number): number {
  const squared = t * t;
  if (squared === Number.POSITIVE_INFINITY) return 0;
  const total = df + squared;
  return incompleteBeta(df / 2, 0.5, df / total, squared / total);
}
