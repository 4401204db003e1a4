import { normalSf } from '../special/normal.ts';
import { type JointSignature, productAt } from './joint-signature.ts';
import { type Axis, axisName } from './normal-scores.ts';

/** Two axes of different features: what is correlated with what. */
export interface Pair {
  readonly first: number;
  readonly second: number;
}

/**
 * All pairs of axes that belong to different features; two categories of one feature exclude each other
 * anyway.
 */
export function pairsOf(axes: readonly Axis[]): Pair[] {
  const pairs: Pair[] = [];
  for (let first = 0; first < axes.length; first += 1) {
    for (let second = first + 1; second < axes.length; second += 1) {
      if (axes[first]?.feature !== axes[second]?.feature) pairs.push({ first, second });
    }
  }
  return pairs;
}

/**
 * Correlation of a pair of axes over the rows of a signature, -1 to 1. Undefined where an axis hardly varies in
 * it (under a quarter of its variance over the reference): a correlation with a constant is no number.
 */
export function correlation(signature: JointSignature, pair: Pair): number | undefined {
  const { n } = signature;
  const axes = signature.sums.length;
  const moment = (i: number, j: number): number =>
    (signature.products[productAt(axes, i, j)] ?? 0) / n -
    ((signature.sums[i] ?? 0) / n) * ((signature.sums[j] ?? 0) / n);
  const left = moment(pair.first, pair.first);
  const right = moment(pair.second, pair.second);
  if (!(n > 1 && left > LEAST_VARIANCE && right > LEAST_VARIANCE)) return undefined;
  const value = moment(pair.first, pair.second) / Math.sqrt(left * right);
  return Math.max(-LARGEST, Math.min(LARGEST, value));
}

/**
 * What one row adds to Fisher's z of the correlation of two axes (its influence): the variance of these
 * numbers over the reference, divided by the rows of a window, is the variance of the window's z. Arguments
 * are the two scores standardised by the reference, and their correlation there.
 * Source: Devlin, Gnanadesikan and Kettenring, Robust estimation ... of correlation coefficients (1975), eq.
 * 2.2.
 */
export function influence(a: number, b: number, r: number): number {
  return (a * b - (r / 2) * (a * a + b * b)) / (1 - r * r);
}

export interface PairMove {
  readonly pair: readonly [string, string];
  readonly reference: number;
  readonly current: number;
  /** Standard errors by which Fisher's z moved, skewness of the law taken out; 0 without a change. */
  readonly z: number;
  /** Two-sided, for this pair alone. */
  readonly pValue: number;
}

/**
 * How far each pair of axes moved from the reference to a window, with its law. No permutations: the variance
 * and skewness of the rows' influences over the reference give those of the difference, and Wilson and
 * Hilferty's cube root turns a skewed law into a normal one (rare categories are as skewed as a Poisson
 * count). Misleads with few rows, and when rows depend on each other: divide rows by their design effect
 * first.
 */
export function pairMoves(args: {
  axes: readonly Axis[];
  pairs: readonly Pair[];
  reference: JointSignature;
  current: JointSignature;
  /** Of the influences over the reference, per pair. */
  variances: readonly number[];
  skewnesses: readonly number[];
}): PairMove[] {
  const { axes, reference, current } = args;
  const moves: PairMove[] = [];
  for (const [at, pair] of args.pairs.entries()) {
    const before = correlation(reference, pair);
    const after = correlation(current, pair);
    const variance = args.variances[at] ?? 0;
    if (before === undefined || after === undefined || !(variance > 0)) continue;
    const error = Math.sqrt(variance * (1 / reference.n + 1 / current.n));
    const raw = (Math.atanh(after) - Math.atanh(before)) / error;
    const z = withoutSkewness(raw, meanSkewness(args.skewnesses[at] ?? 0, reference.n, current.n));
    const [first, second] = [axes[pair.first], axes[pair.second]];
    if (first === undefined || second === undefined) continue;
    moves.push({
      pair: [axisName(first), axisName(second)],
      reference: before,
      current: after,
      z,
      pValue: Math.min(1, 2 * normalSf(Math.abs(z))),
    });
  }
  return moves;
}

/** Skewness of the difference of two means, the window's minus the reference's. */
export function meanSkewness(skewness: number, n: number, m: number): number {
  return (skewness * (1 / m ** 2 - 1 / n ** 2)) / (1 / m + 1 / n) ** 1.5;
}

/**
 * Normal score of a standardised variable with a gamma-like law. Source: Wilson and Hilferty, PNAS 17:684
 * (1931).
 */
export function withoutSkewness(z: number, skewness: number): number {
  if (Math.abs(skewness) < 1e-6) return z;
  return (6 / skewness) * (Math.cbrt(Math.max(0, 1 + (skewness * z) / 2)) - 1) + skewness / 6;
}

const LEAST_VARIANCE = 0.25;
/** Keeps Fisher's z finite for columns that copy each other. */
const LARGEST = 0.9995;
