import { quadraticForm } from '../joint/hotelling.ts';
import { fSf } from '../special/f-tail.ts';

/** Mean vector of one side and the covariance of that mean (row-major). */
export interface MeanOf {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
  readonly rows: number;
}

/** Mean of vectors, weighted where weights are given, with the covariance that independent rows give it. */
export function meanOf(vectors: readonly Float64Array[], weights?: ArrayLike<number>): MeanOf {
  const size = vectors[0]?.length ?? 0;
  const mean = new Float64Array(size);
  let total = 0;
  for (const [row, vector] of vectors.entries()) {
    const weight = weights?.[row] ?? 1;
    total += weight;
    for (let i = 0; i < size; i += 1) mean[i] = (mean[i] ?? 0) + weight * (vector[i] ?? 0);
  }
  for (let i = 0; i < size; i += 1) mean[i] = (mean[i] ?? 0) / total;
  const covariance = new Float64Array(size * size);
  const off = new Float64Array(size);
  for (const [row, vector] of vectors.entries()) {
    const square = ((weights?.[row] ?? 1) / total) ** 2;
    for (let i = 0; i < size; i += 1) {
      off[i] = (vector[i] ?? 0) - (mean[i] ?? 0);
      const left = square * (off[i] ?? 0);
      for (let j = 0; j <= i; j += 1) {
        covariance[i * size + j] = (covariance[i * size + j] ?? 0) + left * (off[j] ?? 0);
      }
    }
  }
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < i; j += 1) covariance[j * size + i] = covariance[i * size + j] ?? 0;
  }
  return { mean, covariance, rows: vectors.length };
}

/**
 * p-value of two mean vectors being equal: the quadratic form of their difference, with an F law whose second
 * degrees of freedom are the rows of the smaller side, since its covariance is the less certain one. `spent`
 * parameters were fitted on the difference. Misleads with fewer than some 10 rows per number.
 */
export function equalMeans(reference: MeanOf, current: MeanOf, spent = 0): number {
  const difference = current.mean.map((value, i) => value - (reference.mean[i] ?? 0));
  const { value, rank } = quadraticForm(sumOf(reference, current), difference);
  const rows = Math.min(reference.rows, current.rows);
  const df = rank - spent;
  if (df < 1 || rows - rank < 1) return 1;
  return fSf((value * (rows - rank)) / (df * (rows - 1)), df, rows - rank);
}

/** Inner product of two vectors in units of the covariance of the difference of two means. */
export function innerProduct(reference: MeanOf, current: MeanOf, a: Float64Array, b: Float64Array): number {
  const covariance = sumOf(reference, current);
  const plus = a.map((value, i) => value + (b[i] ?? 0));
  const minus = a.map((value, i) => value - (b[i] ?? 0));
  return (quadraticForm(covariance, plus).value - quadraticForm(covariance, minus).value) / 4;
}

function sumOf(reference: MeanOf, current: MeanOf): Float64Array {
  return reference.covariance.map((value, i) => value + (current.covariance[i] ?? 0));
}
