import { incompleteGamma } from './incomplete-gamma.ts';

/**
 * Probability that a standard normal variable is at most z. Relative error near 1e-13 down to z = -38.
 *
 * Source: Abramowitz and Stegun 26.2.29 and 6.5.17 (the error function as an incomplete gamma function).
 */
export function normalCdf(z: number): number {
  return normalSf(-z);
}

/** Probability that a standard normal variable exceeds z: the upper tail, not 1 - cdf. */
export function normalSf(z: number): number {
  const half = incompleteGamma(0.5, (z * z) / 2);
  return z >= 0 ? half.upper / 2 : 0.5 + half.lower / 2;
}

/** Density of the standard normal distribution at z. */
export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / SQRT_TWO_PI;
}

/**
 * The z below which a share p of a standard normal distribution lies, 0 < p < 1. Give small upper tails as
 * `-normalQuantile(tail)`: 1 - tail cannot hold them. Returns -Infinity at 0 and Infinity at 1.
 *
 * A rational first guess is improved by Halley steps on the tail probability until they stop moving.
 * Source: Abramowitz and Stegun 26.2.23 (first guess).
 */
export function normalQuantile(p: number): number {
  if (!(p > 0)) return Number.NEGATIVE_INFINITY;
  if (p >= 1) return Number.POSITIVE_INFINITY;
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0.5) return 0;
  const t = Math.sqrt(-2 * Math.log(p));
  let z =
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let i = 0; i < 8; i += 1) {
    const error = (normalSf(z) - p) / normalDensity(z);
    const step = error / (1 - (error * z) / 2);
    z += step;
    if (Math.abs(step) < 1e-16 * Math.abs(z)) break;
  }
  return -z;
}

const SQRT_TWO_PI = 2.5066282746310002;
