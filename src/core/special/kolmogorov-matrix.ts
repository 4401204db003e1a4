/**
 * P(D_n <= d) for the one-sample Kolmogorov-Smirnov statistic as an entry of a matrix power, exact up to
 * rounding. Cost (n d)^3 log n: for small n d.
 *
 * Source: G. Marsaglia, W. Tsang and J. Wang, Evaluating Kolmogorov's Distribution (2003),
 * doi 10.18637/jss.v008.i18, after J. Durbin (1968).
 */
export function kolmogorovMatrixCdf(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const size = 2 * k - 1;
  const powered = power(transition(k, k - n * d), size, n);
  let p = powered.values[(k - 1) * size + (k - 1)] ?? 0;
  let exponent = powered.exponent;
  for (let i = 1; i <= n; i += 1) {
    p *= i / n;
    if (p !== 0 && p < 2 ** -128) {
      p *= 2 ** 128;
      exponent -= 128;
    }
  }
  return Math.min(1, scale(p, exponent));
}

/** Rows hold 1/(i-j+1)! on and below the first superdiagonal; the first column and last row carry h. */
function transition(k: number, h: number): Float64Array {
  const size = 2 * k - 1;
  const factorial: number[] = [1];
  for (let i = 1; i <= size; i += 1) factorial.push((factorial[i - 1] ?? 1) * i);
  const inverse = (i: number): number => 1 / (factorial[i] ?? Number.POSITIVE_INFINITY);
  const edge = Array.from({ length: size }, (_, i) => (1 - h ** (i + 1)) * inverse(i + 1));
  const corner = Math.max(0, 2 * h - 1) ** size - 2 * h ** size;
  edge[size - 1] = (1 + corner) * inverse(size);
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= Math.min(size - 1, i + 1); j += 1) values[i * size + j] = inverse(i - j + 1);
    values[i * size] = edge[i] ?? 0;
  }
  for (let j = 0; j < size; j += 1) values[(size - 1) * size + j] = edge[size - 1 - j] ?? 0;
  return values;
}

interface Scaled {
  readonly values: Float64Array;
  readonly exponent: number;
}

function power(matrix: Float64Array, size: number, n: number): Scaled {
  let base: Scaled = { values: matrix, exponent: 0 };
  let result: Scaled | undefined;
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = result === undefined ? base : multiply(result, base, size);
    if (left > 1) base = multiply(base, base, size);
  }
  return result ?? base;
}

function multiply(a: Scaled, b: Scaled, size: number): Scaled {
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let l = 0; l < size; l += 1) {
      const left = a.values[i * size + l] ?? 0;
      if (left === 0) continue;
      for (let j = 0; j < size; j += 1) {
        values[i * size + j] = (values[i * size + j] ?? 0) + left * (b.values[l * size + j] ?? 0);
      }
    }
  }
  return rescaled(values, a.exponent + b.exponent, size);
}

/** Powers overflow a double near n = 1000: a power of two is taken out whenever the middle grows large. */
function rescaled(values: Float64Array, exponent: number, size: number): Scaled {
  const middle = values[Math.floor((size * size) / 2)] ?? 0;
  if (middle < 2 ** 128) return { values, exponent };
  for (let i = 0; i < values.length; i += 1) values[i] = (values[i] ?? 0) * 2 ** -128;
  return { values, exponent: exponent + 128 };
}

function scale(p: number, exponent: number): number {
  let left = exponent;
  let value = p;
  while (left > 0) {
    value *= 2 ** 128;
    left -= 128;
  }
  while (left < 0) {
    value *= 2 ** -128;
    left += 128;
  }
  return value;
}
