import { deviance } from './deviance.ts';
import { stirlingError } from './log-gamma.ts';

/**
 * Regularised incomplete beta function I_x(a, b) for a, b > 0 and 0 <= x <= 1: the probability that a beta
 * variable is at most x. Pass `y = 1 - x` where it is known more exactly than the subtraction gives it.
 * Relative error near 1e-13, small tails included.
 *
 * Source: Abramowitz and Stegun 26.5.8 (continued fraction, by Lentz's method), with the leading factor by
 * Loader's deviance.
 */
export function incompleteBeta(a: number, b: number, x: number, y: number = 1 - x): number {
  if (!(x > 0)) return 0;
  if (!(y > 0)) return 1;
  if (x * (a + b + 2) > a + 1) return 1 - below(b, a, y, x);
  return below(a, b, x, y);
}

function below(a: number, b: number, x: number, y: number): number {
  return Math.min(1, leading(a, b, x, y) * fraction(a, b, x));
}

/** x^a y^b / (a B(a, b)). */
function leading(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  const stirling = stirlingError(n) - stirlingError(a) - stirlingError(b);
  const scale = Math.sqrt(b / (2 * Math.PI * a * n));
  return scale * Math.exp(stirling - deviance(a, n * x) - deviance(b, n * y));
}

function fraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  if (Math.abs(d) < TINY) d = TINY;
  d = 1 / d;
  let h = d;
  for (let i = 1; i < MOST_TERMS; i += 1) {
    const even = (i * (b - i) * x) / ((a + 2 * i - 1) * (a + 2 * i));
    d = 1 + even * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = 1 + even / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    h *= d * c;
    const odd = (-(a + i) * (a + b + i) * x) / ((a + 2 * i) * (a + 2 * i + 1));
    d = 1 + odd * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = 1 + odd / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const factor = d * c;
    h *= factor;
    if (Math.abs(factor - 1) < EPSILON) break;
  }
  return h;
}

const EPSILON = 1e-16;
const TINY = 1e-300;
const MOST_TERMS = 1_000_000;
