import { deviance } from './deviance.ts';
import { stirlingError } from './log-gamma.ts';

/**
 * Regularised incomplete beta function I_x(a, b) for a, b > 0 and 0 <= x <= 1: the probability that a beta
 * variable is at most x. Pass `y = 1 - x` where it is known more exactly than the subtraction gives it.
 * Relative error near 1e-13, small tails included.
 *
 * Source: NIST Digital Library of Mathematical Functions 8.17.22 (continued fraction, its even part, by
 * Lentz's method), with the leading factor by Loader's deviance.
 */
export function incompleteBeta(a: number, b: number, x: number, y: number = 1 - x): number {
  if (!(x > 0)) return 0;
  if (!(y > 0)) return 1;
  if (x * (a + b + 2) > a + 1) return 1 - below(b, a, y, x);
  return below(a, b, x, y);
}

function below(a: number, b: number, x: number, y: number): number {
  return Math.min(1, (a * leading(a, b, x, y)) / fraction(a, b, x, y));
}

/** x^a y^b / (a B(a, b)). */
function leading(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  const stirling = stirlingError(n) - stirlingError(a) - stirlingError(b);
  const scale = Math.sqrt(b / (2 * Math.PI * a * n));
  return scale * Math.exp(stirling - deviance(a, n * x) - deviance(b, n * y));
}

/** The even part of the continued fraction: written with y it does not cancel when x is close to 1. */
function fraction(a: number, b: number, x: number, y: number): number {
  let f = (a * (a * y - b * x + 1)) / (a + 1);
  if (Math.abs(f) < TINY) f = TINY;
  let c = f;
  let d = 0;
  for (let m = 1; m < MOST_TERMS; m += 1) {
    const middle = a + 2 * m - 1;
    const drift = m * (b - m) * x;
    const numerator = ((a + m - 1) * (a + b + m - 1) * drift * x) / (middle * middle);
    const denominator = m + drift / middle + ((a + m) * (a * y - b * x + 1 + m * (1 + y))) / (middle + 2);
    d = denominator + numerator * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = denominator + numerator / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const factor = c * d;
    f *= factor;
    if (Math.abs(factor - 1) < EPSILON) break;
  }
  return f;
}

const EPSILON = 3e-16;
const TINY = 1e-300;
const MOST_TERMS = 1_000_000;
