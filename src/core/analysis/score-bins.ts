import type { CurvePoint } from './calibration-curve.ts';
import { wilsonShare } from './wilson.ts';

/** Counts of rows by their probability, in bins of equal log-odds. Plain data; two add up bin by bin. */
export interface ScoreBins {
  readonly zeros: Float64Array;
  readonly ones: Float64Array;
}

export function emptyBins(bins: number): ScoreBins {
  return { zeros: new Float64Array(bins), ones: new Float64Array(bins) };
}

/** Bin of a probability among `bins`: log-odds from -16 to 16, beyond them the outermost. */
export function binOf(probability: number, bins: number): number {
  const odds = Math.log(probability / (1 - probability));
  const place = Math.floor(((odds + WIDEST) / (2 * WIDEST)) * bins);
  return Math.min(bins - 1, Math.max(0, place));
}

/**
 * Area under the ROC curve of counted rows; rows of one bin count as ties, which is off by half of the pairs that share
 * one at most. Undefined when a class is absent.
 */
export function binnedArea({ zeros, ones }: ScoreBins): number | undefined {
  let [below, pairs, positives] = [0, 0, 0];
  for (let bin = 0; bin < zeros.length; bin += 1) {
    const [zero, one] = [zeros[bin] ?? 0, ones[bin] ?? 0];
    pairs += one * (below + zero / 2);
    below += zero;
    positives += one;
  }
  return positives === 0 || below === 0 ? undefined : pairs / (positives * below);
}

/**
 * Calibration curve of counted rows over `points` groups of about equally many, whole bins each; `said` are the sums of the
 * predictions in each bin. Fewer than 20 rows per group give fewer groups.
 */
export function binnedCurve({ zeros, ones }: ScoreBins, said: Float64Array, points = 10): CurvePoint[] {
  const rows = zeros.reduce((sum, zero, bin) => sum + zero + (ones[bin] ?? 0), 0);
  const groups = Math.max(1, Math.min(points, Math.floor(rows / ROWS_PER_POINT)));
  const curve: CurvePoint[] = [];
  let [seen, n, hits, sum] = [0, 0, 0, 0];
  for (let bin = 0; bin < zeros.length; bin += 1) {
    n += (zeros[bin] ?? 0) + (ones[bin] ?? 0);
    hits += ones[bin] ?? 0;
    sum += said[bin] ?? 0;
    if (n === 0 || seen + n < ((curve.length + 1) * rows) / groups) continue;
    curve.push({ predicted: sum / n, observed: wilsonShare(hits, n) });
    [seen, n, hits, sum] = [seen + n, 0, 0, 0];
  }
  return curve;
}

const WIDEST = 16;
const ROWS_PER_POINT = 20;
