import { type FourierBasis, fourierRow } from './random-fourier.ts';

/**
 * What a window keeps of the joint distribution of its features: rows, sums of the scores, sums of all their
 * pair products (squares included), sums of random Fourier features. Signatures of slices of time add up to
 * the signature of the whole, and can be taken away again, so any two windows, segments or models that share
 * axes can be compared. 20 axes and 64 features are 294 numbers. What is summed is rounded to multiples of
 * 2^-24 first: such numbers add up without rounding, so neither the order of rows nor that of slices matters to
 * the bit (up to a billion rows); schemas/queries/joint-pane.sql does the same. Misleads when signatures of different axes are mixed: nothing in the numbers tells;
 * keep the id of the reference next to every signature.
 */
export interface JointSignature {
  readonly n: number;
  /** Per axis. */
  readonly sums: readonly number[];
  /** Per pair of axes i <= j, in the order (0,0), (0,1), ..., (1,1), (1,2), ... */
  readonly products: readonly number[];
  readonly fourier: readonly number[];
}

/** The signature of no rows. */
export function emptySignature(axes: number, features: number): JointSignature {
  return {
    n: 0,
    sums: new Array<number>(axes).fill(0),
    products: new Array<number>((axes * (axes + 1)) / 2).fill(0),
    fourier: new Array<number>(features).fill(0),
  };
}

/** One more row of scores. */
export function addScores(
  signature: JointSignature,
  scores: ArrayLike<number>,
  basis: FourierBasis,
): JointSignature {
  return mergeSignatures(signature, signatureOf([scores], signature.sums.length, basis));
}

/** The signature of rows of scores. */
export function signatureOf(
  rows: Iterable<ArrayLike<number>>,
  axes: number,
  basis: FourierBasis,
): JointSignature {
  const sums = new Float64Array(axes);
  const products = new Float64Array((axes * (axes + 1)) / 2);
  const fourier = new Float64Array(basis.phase.length);
  const cosines = new Float64Array(basis.phase.length);
  let n = 0;
  for (const row of rows) {
    n += 1;
    let at = 0;
    for (let i = 0; i < axes; i += 1) {
      const left = row[i] ?? 0;
      sums[i] = (sums[i] ?? 0) + rounded(left);
      for (let j = i; j < axes; j += 1, at += 1) {
        products[at] = (products[at] ?? 0) + rounded(left * (row[j] ?? 0));
      }
    }
    fourierRow(basis, row, cosines);
    for (let k = 0; k < fourier.length; k += 1) {
      fourier[k] = (fourier[k] ?? 0) + rounded(cosines[k] ?? 0);
    }
  }
  return { n, sums: [...sums], products: [...products], fourier: [...fourier] };
}

/** The signature of both together; undefined lengths of one side count as 0. */
export function mergeSignatures(a: JointSignature, b: JointSignature): JointSignature {
  return {
    n: a.n + b.n,
    sums: plus(a.sums, b.sums),
    products: plus(a.products, b.products),
    fourier: plus(a.fourier, b.fourier),
  };
}

/** Text form; `decodeSignature` gives the same signature back to the bit. */
export function encodeSignature(signature: JointSignature): string {
  return JSON.stringify([signature.n, signature.sums, signature.products, signature.fourier]);
}

/** A signature from its text form, or undefined when it is not one. */
export function decodeSignature(text: string): JointSignature | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [n, sums, products, fourier]: unknown[] = value;
  if (typeof n !== 'number' || !Number.isSafeInteger(n) || n < 0) return undefined;
  if (!isNumbers(sums) || !isNumbers(products) || !isNumbers(fourier)) return undefined;
  if (products.length !== (sums.length * (sums.length + 1)) / 2) return undefined;
  return { n, sums, products, fourier };
}

/** Position of the pair i <= j in `products`. */
export function productAt(axes: number, i: number, j: number): number {
  return i * axes - (i * (i - 1)) / 2 + (j - i);
}

function plus(a: readonly number[], b: readonly number[]): number[] {
  // 0 is added so that -0, which JSON does not keep, never enters.
  return Array.from({ length: Math.max(a.length, b.length) }, (_, k) => (a[k] ?? 0) + (b[k] ?? 0) + 0);
}

/** Adding 1.5 * 2^28 leaves no bits below 2^-24. */
function rounded(x: number): number {
  return x + ROUNDER - ROUNDER;
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isFinite(item));
}

const ROUNDER = 402_653_184;
