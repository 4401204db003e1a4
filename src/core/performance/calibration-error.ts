import { eachScored, type Scored } from './measured.ts';

/** One bin of the calibration curve: [low, high) of the probability, the last one closed. */
export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** Mean probability and share of ones; absent for an empty bin. */
  readonly predicted?: number;
  readonly observed?: number;
}

export type CalibrationError =
  | {
      readonly status: 'ok';
      readonly value: number;
      readonly n: number;
      readonly bins: readonly CalibrationBin[];
    }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number };

/**
 * Expected calibration error: how far, on average over rows, the share of ones is from the probability
 * in bins of equal width. 0 to 1; 0.02 means two points off. It misleads with few rows per bin, where
 * chance alone gives about 0.4 / sqrt(rows in the bin): so it wants 10 rows per bin on average. It is not a
 * proper score; judge models by log-loss and look at the curve.
 * Source: Naeini, Cooper, Hauskrecht (AAAI 2015).
 */
export function calibrationError(scored: Scored, binCount = 10): CalibrationError {
  const sums = Array.from({ length: binCount }, () => ({ n: 0, probability: 0, ones: 0 }));
  const n = eachScored(scored, (probability, label) => {
    const bin = sums[Math.min(binCount - 1, Math.floor(probability * binCount))];
    if (bin === undefined) return;
    bin.n += 1;
    bin.probability += probability;
    bin.ones += label;
  });
  const need = ROWS_PER_BIN * binCount;
  if (n < need) return { status: 'insufficient', need, have: n };
  const value = sums.reduce((sum, bin) => sum + Math.abs(bin.probability - bin.ones), 0) / n;
  const bins = sums.map((bin, at) => ({
    low: at / binCount,
    high: (at + 1) / binCount,
    n: bin.n,
    ...(bin.n === 0 ? {} : { predicted: bin.probability / bin.n, observed: bin.ones / bin.n }),
  }));
  return { status: 'ok', value, n, bins };
}

const ROWS_PER_BIN = 10;
