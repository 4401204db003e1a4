import { binomialMass } from './binomial.ts';

/**
 * Probability of `k` marked rows in a draw of `draws` from `total` rows of which `marked` are marked, as a ratio
 * of binomial probabilities, which keeps its precision for millions of rows.
 *
 * Source: C. Loader, Fast and Accurate Computation of Binomial Probabilities (2000), section 5.
 */
export function hypergeometricMass(
  k: number,
  args: { readonly total: number; readonly marked: number; readonly draws: number },
): number {
  const { total, marked, draws } = args;
  if (k < 0 || k > marked || k > draws || draws - k > total - marked) return 0;
  if (draws === 0 || draws === total) return 1;
  const p = draws / total;
  const q = (total - draws) / total;
  const whole = binomialMass(draws, total, p, q);
  return (binomialMass(k, marked, p, q) * binomialMass(draws - k, total - marked, p, q)) / whole;
}
