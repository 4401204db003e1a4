import type { Insufficient } from '../evidence/window-judgement.ts';
import { normalSf } from '../special/normal.ts';
import { hotelling } from './hotelling.ts';
import type { JointReference } from './joint-reference.ts';
import type { JointSignature } from './joint-signature.ts';
import { correlation, meanSkewness, type PairMove, pairMoves, withoutSkewness } from './pair-products.ts';

export interface JointLimits {
  /** Chance of a false verdict in one window, all pairs and features together. */
  readonly alpha: number;
  /** Smallest change of a correlation that counts. */
  readonly correlationFloor: number;
  /** Smallest change of the mean of a Fourier feature that counts, in standard deviations of one row. */
  readonly fourierFloor: number;
  readonly minimumRows: number;
}

export const JOINT_LIMITS: JointLimits = {
  alpha: 1 / 14_400,
  correlationFloor: 0.1,
  fourierFloor: 0.1,
  minimumRows: 300,
};

export type JointVerdict =
  | {
      readonly verdict: 'ok' | 'drift';
      /** Of the whole verdict: three tests share it, the single largest pair taking half. */
      readonly pValue: number;
      /** The pair of features that moved most, and by how much. */
      readonly moved: PairMove;
      /** Change of its correlation. */
      readonly effect: number;
      /** What spoke: one pair, all pairs together, the shape of the joint distribution, or nothing. */
      readonly channel: 'pair' | 'pairs' | 'shape' | 'none';
      readonly pValues: { readonly pair: number; readonly pairs: number; readonly shape: number };
      readonly pairs: number;
      readonly n: number;
      readonly m: number;
      readonly law: string;
    }
  | Insufficient;

/**
 * Did the features come to depend on each other in another way? Three tests share one p-value without any
 * permutation: the pair whose correlation moved most (Bonferroni over pairs; half of alpha), all pairs
 * together and all Fourier features together (Hotelling; a quarter each). Drift also needs its effect floor.
 * Correlations are of centred and rescaled scores, so a feature that shifts or spreads alone moves no pair; it
 * does move the Fourier features, hence `shape` also reports drift of single features.
 *
 * Finds a correlation of 0.3 that appears between 2 of 15 features in practically every window of 1,000 rows.
 * Misleads when rows of a window depend on each other (many rows of one user): pass the number of rows divided
 * by their design effect as `effectiveRows`.
 */
export function judgeJoint(args: {
  reference: JointReference;
  current: JointSignature;
  limits?: Partial<JointLimits>;
  effectiveRows?: number;
}): JointVerdict {
  const { reference, current } = args;
  const limits = { ...JOINT_LIMITS, ...args.limits };
  const n = reference.signature.n;
  const m = current.n;
  const rows = Math.min(m, args.effectiveRows ?? m);
  if (!(rows >= limits.minimumRows)) {
    return {
      verdict: 'insufficient',
      need: limits.minimumRows,
      have: rows,
      why: 'rows in the current window',
      n,
      m,
    };
  }
  const moves = movesOf(reference, current, rows);
  const moved = moves.reduce<PairMove | undefined>(
    (best, move) => (best === undefined || Math.abs(move.z) > Math.abs(best.z) ? move : best),
    undefined,
  );
  if (moved === undefined) {
    return { verdict: 'insufficient', need: 2, have: 0, why: 'features that vary in both windows', n, m };
  }
  const pairs = allPairs(reference, current, rows);
  const shape = allFeatures(reference, current, rows);
  const pValues = { pair: Math.min(1, moved.pValue * moves.length), pairs, shape: shape.pValue };
  const shared = { pair: 2 * pValues.pair, pairs: 4 * pValues.pairs, shape: 4 * pValues.shape };
  const effect = moved.current - moved.reference;
  const large = {
    pair: Math.abs(effect) >= limits.correlationFloor,
    shape: shape.effect >= limits.fourierFloor,
  };
  const channel =
    shared.pair < limits.alpha && large.pair
      ? 'pair'
      : shared.pairs < limits.alpha && large.pair
        ? 'pairs'
        : shared.shape < limits.alpha && large.shape
          ? 'shape'
          : 'none';
  return {
    verdict: channel === 'none' ? 'ok' : 'drift',
    pValue: Math.min(1, shared.pair, shared.pairs, shared.shape),
    moved,
    effect,
    channel,
    pValues,
    pairs: moves.length,
    n,
    m,
    law: "Fisher's z by the reference's influences, Bonferroni; Hotelling's F",
  };
}

/** A window whose rows depend on each other keeps its means but counts for fewer rows. */
function movesOf(reference: JointReference, current: JointSignature, rows: number): PairMove[] {
  const scaled = (values: readonly number[]): number[] => values.map((value) => (value / current.n) * rows);
  const { sums, products, fourier } = current;
  return pairMoves({
    axes: reference.axes,
    pairs: reference.pairs,
    reference: reference.signature,
    current:
      rows === current.n
        ? current
        : { n: rows, sums: scaled(sums), products: scaled(products), fourier: scaled(fourier) },
    variances: reference.pairVariances,
    skewnesses: reference.pairSkewnesses,
  });
}

function allPairs(reference: JointReference, current: JointSignature, rows: number): number {
  const difference = reference.pairs.map((pair) => {
    const before = correlation(reference.signature, pair);
    const after = correlation(current, pair);
    return before === undefined || after === undefined ? 0 : Math.atanh(after) - Math.atanh(before);
  });
  const test = hotelling({
    difference,
    covariance: reference.pairCovariance,
    n: reference.signature.n,
    m: rows,
  });
  return test?.pValue ?? 1;
}

/** All features by Hotelling, the single largest by Bonferroni: half of the shape's share each. */
function allFeatures(
  reference: JointReference,
  current: JointSignature,
  rows: number,
): { pValue: number; effect: number } {
  const n = reference.signature.n;
  const difference = reference.signature.fourier.map(
    (sum, k) => (current.fourier[k] ?? 0) / current.n - sum / n,
  );
  const size = difference.length;
  let [effect, largest] = [0, 0];
  for (const [k, gap] of difference.entries()) {
    const variance = reference.fourierCovariance[k * size + k] ?? 0;
    if (!(variance > 0)) continue;
    effect = Math.max(effect, Math.abs(gap) / Math.sqrt(variance));
    const z = gap / Math.sqrt(variance * (1 / n + 1 / rows));
    const skewness = meanSkewness(reference.fourierSkewnesses[k] ?? 0, n, rows);
    largest = Math.max(largest, Math.abs(withoutSkewness(z, skewness)));
  }
  const test = hotelling({ difference, covariance: reference.fourierCovariance, n, m: rows });
  const single = Math.min(1, 2 * normalSf(largest) * size);
  return { pValue: Math.min(1, 2 * (test?.pValue ?? 1), 2 * single), effect };
}
