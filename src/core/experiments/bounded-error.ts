import { reachOf } from './bounded-sequence.ts';
import { SEQUENCE_DEFAULTS, type SequenceOptions } from './confidence-sequence.ts';

/**
 * Loss of a predicted number in an experiment, nats: the part of the log-loss that the error decides (row-loss.ts), error^2
 * / (2 variance), but never more than 8: what an error of four standard deviations costs. The gate and receipts, which look
 * once, count errors up to 64 standard deviations; an experiment is looked at after every label, and squares of heavy
 * tails without a bound let no interval be right at all those times. `variance` is the challenger's mean squared error on
 * its validation rows, as in the gate. An answer that is no number costs the most.
 * Misleads about what a version does to its few largest errors: beyond the bound they all count the same.
 */
export function boundedError(prediction: number, label: number, variance: number): number {
  const error = prediction - label;
  const loss = (error * error) / (2 * variance);
  return Number.isFinite(loss) ? Math.min(loss, LARGEST_ERROR_LOSS) : LARGEST_ERROR_LOSS;
}

export const LARGEST_ERROR_LOSS = 8;

/** What such a loss is on average on the validation rows, by the variance that they have: the guess of the next one. */
export const EXPECTED_ERROR_LOSS = 0.5;

/** The largest standard deviation that numbers between 0 and the bound can have around that mean (Bhatia and Davis 2000). */
const LARGEST_ERROR_SD = Math.sqrt(EXPECTED_ERROR_LOSS * (LARGEST_ERROR_LOSS - EXPECTED_ERROR_LOSS));

/** How the gain of numbers is judged: errors have a bound, so the interval is right for any number of labels. */
export function errorSequence(args: {
  /** Standard deviation of the loss on validation rows, without the bound. */
  lossSd: number;
  /** Shares of the ids that the challenger gets at any time of the experiment. */
  shares: readonly number[];
  scored: 'one' | 'both';
}): SequenceOptions {
  return {
    ...SEQUENCE_DEFAULTS,
    lossSd: Math.min(args.lossSd, LARGEST_ERROR_SD),
    reach: reachOf({ ...args, bound: LARGEST_ERROR_LOSS, expected: EXPECTED_ERROR_LOSS }),
  };
}
