import type { Estimate } from './estimated-performance.ts';
import { middleOf } from './prediction-bins.ts';
import { rowLogLoss } from './row-log-loss.ts';

/** Labelled rows of the past by the bin of their prediction (see PREDICTION_BINS). */
export interface BinnedCalibration {
  readonly counts: readonly number[];
  /** Rows with label 1 among them. */
  readonly positives: readonly number[];
}

export type BinnedEstimate =
  | {
      readonly status: 'ok';
      readonly n: number;
      /** Rows that the calibration rests on. */
      readonly m: number;
      readonly logLoss: Estimate;
      readonly accuracy: Estimate;
      /** Absent when one class is not expected at all or all rows are in one bin. */
      readonly auc?: number;
      /** Share of the rows whose bin held no labelled row: their chance is that of the nearest bin that did. */
      readonly extrapolated: number;
    }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number; readonly why: string };

/**
 * Confidence-based performance estimation from counts: log-loss, accuracy at 0.5 and ROC AUC that a model should have
 * on rows without labels, if a prediction still means what it meant on the labelled rows. `counts` are the rows per
 * bin. The chance of label 1 in a bin is the share of ones there, made non-decreasing (pooled adjacent violators).
 *
 * The band is 3 standard errors of both: each label is a coin, and each chance was estimated on so many rows. Beside
 * the band, bins blur the log-loss by less than 0.002 nats, except beyond log-odds of 6.
 *
 * Misleads when the relation of features to labels changes (concept drift): then only labels can tell. Needs
 * `minimumRows` rows in the window, 200 in the calibration, and 9 of 10 rows in bins that the calibration knows.
 * Source: J. Bialek and others (2024), arXiv 2401.08348; the same figure from rows: estimatedPerformance.
 */
export function binnedEstimate(args: {
  counts: ArrayLike<number>;
  calibration: BinnedCalibration;
  minimumRows: number;
}): BinnedEstimate {
  const { calibration } = args;
  const counts = Array.from(args.counts);
  const n = sum(counts);
  const m = sum(calibration.counts);
  if (n < args.minimumRows)
    return { status: 'insufficient', need: args.minimumRows, have: n, why: 'predictions' };
  if (m < LABELLED) return { status: 'insufficient', need: LABELLED, have: m, why: 'validation rows' };
  const known = sum(counts.filter((_, bin) => (calibration.counts[bin] ?? 0) > 0));
  const need = Math.ceil(KNOWN * n);
  if (known < need) {
    return {
      status: 'insufficient',
      need,
      have: known,
      why: 'predictions like those of the validation rows',
    };
  }
  const pools = poolsOf(calibration, counts.length);
  const estimate = (score: (p: number, label: 0 | 1) => number, most: number): Estimate => {
    let [mean, variance] = [0, 0];
    for (const { bins, chance, rows } of pools) {
      let slope = 0;
      for (const bin of bins) {
        const share = (counts[bin] ?? 0) / n;
        const zero = score(middleOf(bin), 0);
        const difference = score(middleOf(bin), 1) - zero;
        mean += share * (zero + chance * difference);
        variance += (share / n) * chance * (1 - chance) * difference ** 2;
        slope += share * difference;
      }
      variance += (slope ** 2 * chance * (1 - chance)) / rows;
    }
    const half = STANDARD_ERRORS * Math.sqrt(variance);
    return { value: mean, low: Math.max(0, mean - half), high: Math.min(most, mean + half) };
  };
  const auc = areaOf(pools, counts);
  return {
    status: 'ok',
    n,
    m,
    logLoss: estimate(rowLogLoss, Number.MAX_VALUE),
    accuracy: estimate((p, label) => Number(p >= 0.5 === (label === 1)), 1),
    ...(auc === undefined ? {} : { auc }),
    extrapolated: (n - known) / n,
  };
}

/** Bins that share one chance of label 1, ascending. */
interface Pool {
  readonly bins: readonly number[];
  readonly ones: number;
  readonly rows: number;
  readonly chance: number;
}

/** Bins without labelled rows go with the pool before them, those before all with the first. */
function poolsOf({ counts, positives }: BinnedCalibration, bins: number): Pool[] {
  const pools: Pool[] = [];
  let leading: number[] = [];
  for (let bin = 0; bin < bins; bin += 1) {
    const rows = counts[bin] ?? 0;
    if (rows === 0) {
      const last = pools.pop();
      if (last === undefined) leading.push(bin);
      else pools.push({ ...last, bins: [...last.bins, bin] });
      continue;
    }
    let next = poolOf([...leading, bin], positives[bin] ?? 0, rows);
    leading = [];
    for (let before = pools.at(-1); before !== undefined; before = pools.at(-1)) {
      if (before.ones * next.rows < next.ones * before.rows) break;
      pools.pop();
      next = poolOf([...before.bins, ...next.bins], before.ones + next.ones, before.rows + next.rows);
    }
    pools.push(next);
  }
  return pools;
}

/** Half a row away from certainty: a pool without ones is no proof that there are none. */
function poolOf(bins: readonly number[], ones: number, rows: number): Pool {
  return { bins, ones, rows, chance: Math.min(1 - 0.5 / rows, Math.max(0.5 / rows, ones / rows)) };
}

/** Share of (one, zero) pairs in the right order, ties half; a row's pair with itself is one of n. */
function areaOf(pools: readonly Pool[], counts: readonly number[]): number | undefined {
  let [won, ones, zeros, filled] = [0, 0, 0, 0];
  for (const { bins, chance } of pools) {
    for (const bin of bins) {
      const rows = counts[bin] ?? 0;
      won += rows * chance * (zeros + (rows * (1 - chance)) / 2);
      ones += rows * chance;
      zeros += rows * (1 - chance);
      filled += rows > 0 ? 1 : 0;
    }
  }
  return filled < 2 || !(ones * zeros > 0) ? undefined : won / (ones * zeros);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const LABELLED = 200;
/** Share of the rows whose bins must hold labelled rows. */
const KNOWN = 0.9;
const STANDARD_ERRORS = 3;
