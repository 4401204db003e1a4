import type { BinnedCalibration } from './binned-estimate.ts';
import { middleOf } from './prediction-bins.ts';

/**
 * Log-loss per row that a version had on its validation rows above what its predictions imply, as far as it is beyond
 * chance (two standard errors), nats, 0 or more: a model that is too sure of itself is so from its first day, and that is
 * no change. From counts per bin of the prediction: a row loses (p - y) * log-odds(p) above the entropy of p.
 * Misleads when the validation rows were of an odd time themselves: that much is forgiven for ever after.
 */
export function validationExcess({ counts, positives }: BinnedCalibration): number {
  let [rows, excess, variance] = [0, 0, 0];
  for (const [bin, count] of counts.entries()) {
    const p = middleOf(bin);
    const logOdds = Math.log(p / (1 - p));
    rows += count;
    excess += (count * p - (positives[bin] ?? 0)) * logOdds;
    variance += count * p * (1 - p) * logOdds ** 2;
  }
  return Math.max(0, excess - 2 * Math.sqrt(variance)) / Math.max(1, rows);
}
