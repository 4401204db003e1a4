import { fSf } from '../special/f-tail.ts';

/**
 * Did the mean of several numbers move, taken together? Hotelling's T squared of a difference of means with a
 * covariance estimated on the n rows of the reference, and its F law, which allows for the error of that
 * estimate (a chi-squared law is too hot: 14% instead of 5% for 256 numbers on 10,000 rows). Directions that
 * hardly vary, given the others, are left out and not counted. Undefined when none is left. Misleads when a
 * few directions moved a little and many did not: look at the single largest then.
 * Source: H. Hotelling, The Generalization of Student's Ratio (1931).
 */
export function hotelling(args: {
  difference: ArrayLike<number>;
  /** Row-major, per row of data. */
  covariance: ArrayLike<number>;
  n: number;
  m: number;
}): { readonly value: number; readonly dimensions: number; readonly pValue: number } | undefined {
  const { n, m } = args;
  const form = quadraticForm(args.covariance, args.difference);
  const free = n - form.rank;
  if (form.rank === 0 || free < 1) return undefined;
  const value = form.value / (1 / n + 1 / m);
  const pValue = fSf((value * free) / (form.rank * (n - 1)), form.rank, free);
  return { value, dimensions: form.rank, pValue };
}

/**
 * x' C^-1 x by Cholesky elimination; coordinates whose variance is explained by earlier ones up to 1 part in
 * 10^7 are skipped, and `rank` counts the others.
 */
export function quadraticForm(
  covariance: ArrayLike<number>,
  x: ArrayLike<number>,
): { readonly value: number; readonly rank: number } {
  const size = x.length;
  const lower = new Float64Array(size * size);
  const solved = new Float64Array(size);
  const kept: number[] = [];
  let value = 0;
  for (let row = 0; row < size; row += 1) {
    let left = x[row] ?? 0;
    const whole = covariance[row * size + row] ?? 0;
    let variance = whole;
    for (const column of kept) {
      let entry = covariance[row * size + column] ?? 0;
      for (const k of kept) {
        if (k >= column) break;
        entry -= (lower[row * size + k] ?? 0) * (lower[column * size + k] ?? 0);
      }
      entry /= lower[column * size + column] ?? 1;
      lower[row * size + column] = entry;
      variance -= entry * entry;
      left -= entry * (solved[column] ?? 0);
    }
    if (!(variance > whole * 1e-7 && whole > 0)) continue;
    const pivot = Math.sqrt(variance);
    lower[row * size + row] = pivot;
    solved[row] = left / pivot;
    value += (left / pivot) ** 2;
    kept.push(row);
  }
  return { value, rank: kept.length };
}
