import { incompleteBeta } from './incomplete-beta.ts';

/**
 * Probability of at least `k` successes in `n` independent trials of probability `p`, 0 < p < 1.
 *
 * Source: Abramowitz and Stegun 26.5.24.
 */
export function binomialUpperTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  return incompleteBeta(k, n - k + 1, p);
}
