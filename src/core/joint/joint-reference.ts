import { type JointSignature, signatureOf } from './joint-signature.ts';
import type { Axis } from './normal-scores.ts';
import { correlation, influence, type Pair, pairsOf } from './pair-products.ts';
import { type FourierBasis, fourierRow } from './random-fourier.ts';

/**
 * Everything windows are compared with: the axes, the reference's signature, and how much rows vary. Plain
 * data.
 */
export interface JointReference {
  readonly axes: readonly Axis[];
  readonly fourier: FourierBasis;
  readonly signature: JointSignature;
  readonly pairs: readonly Pair[];
  /** Variance and skewness of the rows' influences on Fisher's z, per pair. */
  readonly pairVariances: readonly number[];
  readonly pairSkewnesses: readonly number[];
  /** Row-major, pairs by pairs. */
  readonly pairCovariance: readonly number[];
  /** Row-major, features by features. */
  readonly fourierCovariance: readonly number[];
  /** Per feature. */
  readonly fourierSkewnesses: readonly number[];
}

/**
 * Freezes a reference on its rows of scores. Reads the rows twice; about rows * (pairs^2 + features^2) / 2
 * multiplications, a fifth of a second for 15 axes and 10,000 rows. `insufficient` below 10 rows per estimated
 * number: a covariance needs them. Misleads when the rows are not what is normal: everything is judged against
 * them.
 */
export function fitJointReference(args: {
  axes: readonly Axis[];
  fourier: FourierBasis;
  rows: readonly ArrayLike<number>[];
}):
  | { readonly status: 'ok'; readonly reference: JointReference }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number; readonly why: string } {
  const { axes, fourier, rows } = args;
  const pairs = pairsOf(axes);
  if (pairs.length === 0) {
    return { status: 'insufficient', need: 2, have: axes.length, why: 'features that vary' };
  }
  const need = ROWS_PER_NUMBER * Math.max(pairs.length, fourier.phase.length);
  if (rows.length < need) {
    return { status: 'insufficient', need, have: rows.length, why: 'rows in the reference' };
  }
  const signature = signatureOf(rows, axes.length, fourier);
  const influences = influencesOf(signature, pairs);
  const cosines = new Float64Array(fourier.phase.length);
  const ofPairs = spreadOf(rows, new Float64Array(pairs.length), influences);
  const means = Float64Array.from(signature.fourier, (sum) => sum / signature.n);
  const ofFeatures = spreadOf(rows, means, (row) => fourierRow(fourier, row, cosines));
  return {
    status: 'ok',
    reference: {
      axes,
      fourier,
      signature,
      pairs,
      pairVariances: pairs.map((_, k) => ofPairs.covariance[k * pairs.length + k] ?? 0),
      pairSkewnesses: ofPairs.skewnesses,
      pairCovariance: [...ofPairs.covariance],
      fourierCovariance: [...ofFeatures.covariance],
      fourierSkewnesses: ofFeatures.skewnesses,
    },
  };
}

/** A function from a row of scores to its influences, which have mean 0 over the reference. */
function influencesOf(
  signature: JointSignature,
  pairs: readonly Pair[],
): (row: ArrayLike<number>) => Float64Array {
  const { n, sums } = signature;
  const axes = sums.length;
  const means = sums.map((sum) => sum / n);
  const scales = means.map((mean, i) => {
    const square = (signature.products[i * axes - (i * (i - 1)) / 2] ?? 0) / n - mean * mean;
    return square > 0 ? 1 / Math.sqrt(square) : 0;
  });
  const correlations = pairs.map((pair) => correlation(signature, pair) ?? 0);
  const z = new Float64Array(axes);
  const out = new Float64Array(pairs.length);
  return (row) => {
    for (let i = 0; i < axes; i += 1) z[i] = ((row[i] ?? 0) - (means[i] ?? 0)) * (scales[i] ?? 0);
    for (const [k, pair] of pairs.entries()) {
      out[k] = influence(z[pair.first] ?? 0, z[pair.second] ?? 0, correlations[k] ?? 0);
    }
    return out;
  };
}

/**
 * Covariance (row-major) and skewness of the vectors of all rows, of which the means are known; the function
 * may hand out the same array again and again.
 */
function spreadOf(
  rows: readonly ArrayLike<number>[],
  means: Float64Array,
  vector: (row: ArrayLike<number>) => Float64Array,
): { covariance: Float64Array; skewnesses: number[] } {
  const size = means.length;
  const covariance = new Float64Array(size * size);
  const cubes = new Float64Array(size);
  const off = new Float64Array(size);
  for (const row of rows) {
    const values = vector(row);
    for (let i = 0; i < size; i += 1) {
      const left = (values[i] ?? 0) - (means[i] ?? 0);
      off[i] = left;
      cubes[i] = (cubes[i] ?? 0) + left ** 3;
      for (let j = 0; j <= i; j += 1) {
        covariance[i * size + j] = (covariance[i * size + j] ?? 0) + left * (off[j] ?? 0);
      }
    }
  }
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      const entry = (covariance[i * size + j] ?? 0) / (rows.length - 1);
      covariance[i * size + j] = entry;
      covariance[j * size + i] = entry;
    }
  }
  const skewnesses = Array.from(cubes, (cube, k) => {
    const variance = covariance[k * size + k] ?? 0;
    return variance > 0 ? cube / rows.length / variance ** 1.5 : 0;
  });
  return { covariance, skewnesses };
}

const ROWS_PER_NUMBER = 10;
