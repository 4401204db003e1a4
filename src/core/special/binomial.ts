import { deviance } from './deviance.ts';
import { incompleteBeta } from './incomplete-beta.ts';
import { stirlingError } from './log-gamma.ts';

/**
 * Probability of exactly `k` successes in `n` trials of probability p; pass `q = 1 - p` where it is known more
 * exactly than the subtraction gives it. Relative error near 1e-14 for any n.
 *
 * Source: C. Loader, Fast and Accurate Computation of Binomial Probabilities (2000).
 */
export function binomialMass(k: number, n: number, p: number, q: number = 1 - p): number {
  if (k < 0 || k > n) return 0;
  if (p === 0) return k === 0 ? 1 : 0;
  if (q === 0) return k === n ? 1 : 0;
  if (k === 0) return Math.exp(n * (p < 0.5 ? Math.log1p(-p) : Math.log(q)));
  if (k === n) return Math.exp(n * (q < 0.5 ? Math.log1p(-q) : Math.log(p)));
  const stirling = stirlingError(n) - stirlingError(k) - stirlingError(n - k);
  const exponent = stirling - deviance(k, n * p) - deviance(n - k, n * q);
  return Math.sqrt(n / (2 * Math.PI * k * (n - k))) * Math.exp(exponent);
}

/** Probability of at least `k` successes in `n` trials of probability p. Source: Abramowitz and Stegun 26.5.24. */
export function binomialSf(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  return k > n ? 0 : incompleteBeta(k, n - k + 1, p);
}
