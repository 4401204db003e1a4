import { confusion } from './confusion.ts';
import { type Measured, meanOf, type Scored } from './measured.ts';

/**
 * Share of rows where (probability >= threshold) is the label, 0 to 1. It misleads when one class is
 * rare: always answering the common one scores its share. Use log-loss or AUC to compare models.
 */
export function accuracy(scored: Scored, threshold = 0.5): Measured {
  const { n, truePositive, trueNegative } = confusion(scored, threshold);
  return meanOf(truePositive + trueNegative, n);
}
