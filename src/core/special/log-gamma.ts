/**
 * Natural logarithm of the gamma function for x > 0; log-gamma of n + 1 is the log-factorial of n.
 *
 * Near the zeros at 1 and 2 the Taylor series in zeta values is used, so that the answer keeps its
 * relative precision there; above 12 Stirling's series; between them the recurrence shifts x upwards.
 * Relative error below 1e-14. Returns Infinity at 0 and for x beyond 1e305, as the function does.
 *
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.33 (series), 6.1.41 (Stirling).
 */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.POSITIVE_INFINITY;
  if (x > 0.5 && x < 1.5) return nearTwo(x - 1) - Math.log1p(x - 1);
  if (x >= 1.5 && x < 2.5) return nearTwo(x - 2);
  if (x >= LARGE) return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingTail(x);
  let product = 1;
  let shifted = x;
  while (shifted < LARGE) {
    product *= shifted;
    shifted += 1;
  }
  return logGamma(shifted) - Math.log(product);
}

/**
 * What Stirling's formula for n! leaves out, in logarithms: ln n! - ln(sqrt(2 pi n) n^n e^-n), for n >= 0.
 *
 * Source: C. Loader, Fast and Accurate Computation of Binomial Probabilities (2000), section 2.
 */
export function stirlingError(n: number): number {
  if (n >= LARGE) return stirlingTail(n);
  return n === 0 ? 0 : logGamma(n + 1) - (n + 0.5) * Math.log(n) + n - HALF_LOG_TWO_PI;
}

/** ln Gamma(2 + z) for |z| <= 1/2. */
function nearTwo(z: number): number {
  let sum = 0;
  for (let k = ZETA_MINUS_ONE.length - 1; k >= 0; k -= 1) {
    const order = k + 2;
    sum = z * sum + ((order % 2 === 0 ? 1 : -1) * (ZETA_MINUS_ONE[k] ?? 0)) / order;
  }
  return z * (1 - EULER_GAMMA) + z * z * sum;
}

function stirlingTail(x: number): number {
  const r = 1 / (x * x);
  return (
    (1 / 12 -
      r *
        (1 / 360 -
          r *
            (1 / 1260 -
              r * (1 / 1680 - r * (1 / 1188 - r * (691 / 360360 - r * (1 / 156 - (r * 3617) / 122400))))))) /
    x
  );
}

/** zeta(k) - 1 by Euler-Maclaurin from the sixtieth term on. */
function zetaMinusOne(k: number): number {
  const from = 60;
  let sum = 0;
  for (let j = from - 1; j >= 2; j -= 1) sum += j ** -k;
  const edge = from ** -k;
  const first = (k / 12) * (edge / from);
  const second = ((k * (k + 1) * (k + 2)) / 720) * (edge / from ** 3);
  const third = ((k * (k + 1) * (k + 2) * (k + 3) * (k + 4)) / 30240) * (edge / from ** 5);
  return sum + (edge * from) / (k - 1) + edge / 2 + first - second + third;
}

const LARGE = 12;
const EULER_GAMMA = 0.5772156649015329;
const HALF_LOG_TWO_PI = 0.9189385332046728;
const ZETA_MINUS_ONE = Array.from({ length: 40 }, (_, i) => zetaMinusOne(i + 2));
