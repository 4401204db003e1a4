import { rowLogLoss } from './row-log-loss.ts';

export interface Estimate {
  readonly value: number;
  /**
   * Where the realised figure lies in practically every window if the probabilities are right: 3 standard
   * errors.
   */
  readonly low: number;
  readonly high: number;
}

export type EstimatedPerformance =
  | {
      readonly status: 'ok';
      readonly n: number;
      readonly accuracy: Estimate;
      readonly logLoss: Estimate;
      readonly brier: Estimate;
      /** Absent when all rows have the same prediction or one class is not expected at all. */
      readonly auc?: Estimate;
    }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number };

/**
 * Confidence-based performance estimation: what a model's performance on rows without labels is expected to
 * be, if `probabilities` are the true chances of label 1. Every row counts as label 1 with weight q and as
 * label 0 with weight 1 - q. So accuracy is the mean of q or 1 - q, whichever the answer bet on; its variance
 * is the mean of q (1 - q) / m, because each label is a coin of known bias. AUC is the share of (one, zero)
 * pairs in the right order, each row weighted the same way and never paired with itself; its variance by the
 * delta method.
 *
 * `predictions` are what the model answered (they decide and rank); `probabilities` the calibrated chances, by
 * isotonic regression on labelled rows of the past. Rows where one of the two is not between 0 and 1 are left
 * out.
 *
 * Misleads completely when the relation of features to labels changes (concept drift): it cannot see that,
 * only realised labels can. It holds under covariate drift as far as the calibration holds in every region of
 * the features. The band says nothing about the calibration's own error: add that of the rows it was fitted
 * on.
 * Source: J. Bialek and others, Estimating Model Performance Under Covariate Shift Without Labels (2024),
 * arXiv 2401.08348.
 */
export function estimatedPerformance(args: {
  predictions: ArrayLike<number>;
  probabilities: ArrayLike<number>;
  threshold?: number;
}): EstimatedPerformance {
  const rows = usable(args.predictions, args.probabilities);
  const n = rows.length;
  if (n === 0) return { status: 'insufficient', need: 1, have: 0 };
  const threshold = args.threshold ?? 0.5;
  const auc = expectedAuc(rows);
  return {
    status: 'ok',
    n,
    accuracy: within(
      expected(rows, ({ p }, label) => Number(p >= threshold === (label === 1))),
      0,
      1,
    ),
    logLoss: within(
      expected(rows, ({ p }, label) => rowLogLoss(p, label)),
      0,
      Number.MAX_VALUE,
    ),
    brier: within(
      expected(rows, ({ p }, label) => (p - label) ** 2),
      0,
      1,
    ),
    ...(auc === undefined ? {} : { auc: within(auc, 0, 1) }),
  };
}

interface Row {
  readonly p: number;
  readonly q: number;
}

interface Spread {
  readonly mean: number;
  readonly variance: number;
}

/** Mean over rows of a score of the label, and the variance of that mean over the coins. */
function expected(rows: readonly Row[], score: (row: Row, label: 0 | 1) => number): Spread {
  let mean = 0;
  let variance = 0;
  for (const row of rows) {
    const zero = score(row, 0);
    const one = score(row, 1);
    mean += zero + row.q * (one - zero);
    variance += row.q * (1 - row.q) * (one - zero) ** 2;
  }
  return { mean: mean / rows.length, variance: variance / rows.length ** 2 };
}

/**
 * Numerator: sum of q_i (1 - q_j) over pairs with p_i above p_j, half of it at ties. Denominator: the same sum
 * over all pairs. A row's own label moves both; the derivative by it gives its part of the variance.
 */
function expectedAuc(rows: readonly Row[]): Spread | undefined {
  const sorted = rows.toSorted((a, b) => a.p - b.p);
  const ones = sorted.reduce((sum, { q }) => sum + q, 0);
  const zeros = sorted.length - ones;
  const self = sorted.reduce((sum, { q }) => sum + q * (1 - q), 0);
  const pairs = ones * zeros - self;
  if (!(pairs > 0) || sorted[0]?.p === sorted[sorted.length - 1]?.p) return undefined;
  let won = 0;
  const places: { q: number; zerosBelow: number; onesAbove: number }[] = [];
  let [zerosBelow, onesBelow] = [0, 0];
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    let [tiedOnes, tiedZeros] = [0, 0];
    for (; end < sorted.length && sorted[end]?.p === sorted[start]?.p; end += 1) {
      const q = sorted[end]?.q ?? 0;
      tiedOnes += q;
      tiedZeros += 1 - q;
    }
    for (let k = start; k < end; k += 1) {
      const q = sorted[k]?.q ?? 0;
      const below = zerosBelow + (tiedZeros - (1 - q)) / 2;
      won += q * below;
      places.push({ q, zerosBelow: below, onesAbove: ones - onesBelow - tiedOnes + (tiedOnes - q) / 2 });
    }
    zerosBelow += tiedZeros;
    onesBelow += tiedOnes;
    start = end;
  }
  const mean = won / pairs;
  const variance = places.reduce((sum, place) => {
    const { q } = place;
    const pairsMove = zeros - (1 - q) - (ones - q);
    const slope = (place.zerosBelow - place.onesAbove - mean * pairsMove) / pairs;
    return sum + q * (1 - q) * slope * slope;
  }, 0);
  return { mean, variance };
}

function within({ mean, variance }: Spread, least: number, most: number): Estimate {
  const half = STANDARD_ERRORS * Math.sqrt(variance);
  return { value: mean, low: Math.max(least, mean - half), high: Math.min(most, mean + half) };
}

function usable(predictions: ArrayLike<number>, probabilities: ArrayLike<number>): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < predictions.length; at += 1) {
    const p = predictions[at] ?? Number.NaN;
    const q = probabilities[at] ?? Number.NaN;
    if (p >= 0 && p <= 1 && q >= 0 && q <= 1) rows.push({ p, q });
  }
  return rows;
}

const STANDARD_ERRORS = 3;
