import { insufficient, type Result } from '../statistic.ts';
import { rankedPool } from './ranked-pool.ts';
import { twoSamples } from './two-samples.ts';

/**
 * Anderson-Darling for two samples, with mid-ranks for ties: the squared gap between the distribution functions
 * weighted so that the tails count as much as the middle. The value is standardised: mean 0, variance 1 when
 * nothing changed, large when something did.
 *
 * p-value: interpolated in the table of Scholz and Stephens (a quadratic in the logarithm of the level through
 * its seven critical values) and held between 0.001 and 0.25, the ends of the table; `details.capped` is 1
 * there. Misleads as a ranking of strong changes, which all end at 0.001: take `kolmogorovSmirnov` or
 * `cramerVonMises` for small p-values.
 *
 * Only ranks matter; infinities are ranked, null and NaN left out. Insufficient below 4 rows together or when
 * all rows are equal.
 *
 * Source: F. Scholz and M. Stephens, K-Sample Anderson-Darling Tests (1987), doi 10.1080/01621459.1987.10478517,
 * equations 4 and 7, table 2.
 */
export function andersonDarling(
  reference: ArrayLike<number | null>,
  current: ArrayLike<number | null>,
): Result {
  const samples = twoSamples(reference, current, { need: 1, infinities: true });
  if ('status' in samples) return samples;
  const { n, m, dropped } = samples;
  if (n + m < 4) return insufficient(4, n + m, 'the variance of the statistic needs 4 rows together');
  const pool = rankedPool(samples.reference, samples.current);
  if (pool.values.length < 2) return insufficient(2, 1, 'all rows are equal: needs two distinct values');
  const value = (midrankSum(pool, n, m) - 1) / Math.sqrt(variance(n, m));
  const { pValue, capped } = interpolate(value);
  return {
    status: 'ok',
    value,
    pValue,
    n,
    m,
    law: 'Scholz-Stephens table, interpolated, held within 0.001 and 0.25',
    details: { capped, dropped },
  };
}

/** Equation 7: mid-ranks of both samples among the distinct pooled values. */
function midrankSum(
  pool: { readonly values: Float64Array; readonly reference: Float64Array; readonly current: Float64Array },
  n: number,
  m: number,
): number {
  const total = n + m;
  let below = 0;
  let belowReference = 0;
  let sumReference = 0;
  let sumCurrent = 0;
  for (let i = 0; i < pool.values.length; i += 1) {
    const a = pool.reference[i] ?? 0;
    const tied = a + (pool.current[i] ?? 0);
    const rank = below + tied / 2;
    const rankReference = belowReference + a / 2;
    const weight = tied / total / (rank * (total - rank) - (total * tied) / 4);
    sumReference += weight * (total * rankReference - rank * n) ** 2;
    sumCurrent += weight * (total * (rank - rankReference) - rank * m) ** 2;
    below += tied;
    belowReference += a;
  }
  return ((total - 1) / total) * (sumReference / n + sumCurrent / m);
}

/** Variance of the statistic for two samples, equation 4. */
function variance(n: number, m: number): number {
  const total = n + m;
  const k = 2;
  const reciprocals = 1 / n + 1 / m;
  let h = 1;
  let g = 0;
  // g is the double sum of 1 / ((N - i) j) over i < j, with the inner sum carried along.
  let inner = 0;
  for (let i = 1; i <= total - 2; i += 1) {
    inner += 1 / (total - i);
    g += inner / (i + 1);
  }
  for (let i = 2; i <= total - 1; i += 1) h += 1 / i;
  const a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * reciprocals;
  const b = (2 * g - 4) * k * k + 8 * h * k + (2 * g - 14 * h - 4) * reciprocals - 8 * h + 4 * g - 6;
  const c = (6 * h + 2 * g - 2) * k * k + (4 * h - 4 * g + 6) * k + (2 * h - 6) * reciprocals + 4 * h;
  const d = (2 * h + 6) * k * k - 4 * h * k;
  const cubic = ((a * total + b) * total + c) * total + d;
  return cubic / ((total - 1) * (total - 2) * (total - 3));
}

function interpolate(value: number): { readonly pValue: number; readonly capped: number } {
  if (value < (CRITICAL[0] ?? 0)) return { pValue: 0.25, capped: 1 };
  if (value > (CRITICAL[CRITICAL.length - 1] ?? 0)) return { pValue: 0.001, capped: 1 };
  const x = value - CENTRE;
  return { pValue: Math.exp(CURVE[0] + CURVE[1] * x + CURVE[2] * x * x), capped: 0 };
}

/** Least-squares parabola through the points, by Cramer's rule on the normal equations. */
function parabola(xs: readonly number[], ys: readonly number[]): readonly [number, number, number] {
  const power = (p: number): number => xs.reduce((sum, x) => sum + x ** p, 0);
  const moment = (p: number): number => xs.reduce((sum, x, i) => sum + x ** p * (ys[i] ?? 0), 0);
  const s: Triple = [power(0), power(1), power(2)];
  const [s0, s1, s2] = s;
  const s3 = power(3);
  const s4 = power(4);
  const t: Triple = [moment(0), moment(1), moment(2)];
  const whole = determinant([s0, s1, s2], [s1, s2, s3], [s2, s3, s4]);
  return [
    determinant(t, [s1, s2, s3], [s2, s3, s4]) / whole,
    determinant([s0, s1, s2], t, [s2, s3, s4]) / whole,
    determinant([s0, s1, s2], [s1, s2, s3], t) / whole,
  ];
}

type Triple = readonly [number, number, number];

function determinant(a: Triple, b: Triple, c: Triple): number {
  return (
    a[0] * (b[1] * c[2] - b[2] * c[1]) -
    b[0] * (a[1] * c[2] - a[2] * c[1]) +
    c[0] * (a[1] * b[2] - a[2] * b[1])
  );
}

const LEVELS = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001];
/** Table 2 for two samples: b0 + b1 + b2 per level. */
const CRITICAL = [
  0.675 - 0.245 - 0.105,
  1.281 + 0.25 - 0.305,
  1.645 + 0.678 - 0.362,
  1.96 + 1.149 - 0.391,
  2.326 + 1.822 - 0.396,
  2.573 + 2.364 - 0.345,
  3.085 + 3.615 - 0.154,
];
const CENTRE = 3;
const CURVE = parabola(
  CRITICAL.map((x) => x - CENTRE),
  LEVELS.map(Math.log),
);
