import { boundedBoundary, type Reach } from './bounded-sequence.ts';

/** An interval that may be looked at after every label, or how many labels are missing for one. */
export type GainInterval =
  | {
      readonly status: 'ok';
      /** Mean loss of the champion minus that of the challenger, nats; above 0 the challenger is better. */
      readonly gain: number;
      readonly low: number;
      readonly high: number;
      /** Labels behind it, of both arms. */
      readonly n: number;
    }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number };

/** Sums of weighted gains, as `gainOfLabel` answers them. */
export interface GainSums {
  readonly n: number;
  /** Sum of the labels' weights; `n` when none is late. */
  readonly weight: number;
  /** Sum of weight * gain. */
  readonly total: number;
  /** Sum of (weight * gain)^2. */
  readonly squares: number;
}

/**
 * What one label says of the gain: an unbiased guess from the one arm that answered. Its loss, less a guess made before
 * the label was known, divided by the chance of the arm, with the sign of the arm. Given everything else, the
 * assignment alone makes its mean loss(champion) - loss(challenger) for this very example, whatever the
 * example is and however it depends on earlier ones. So storms that delay a whole evening do no harm, as
 * they would in a comparison of two means. `share` is the challenger's, 0 to 1, when the id was assigned;
 * `expected` any prediction of the loss that does not know the arm, such as the mean loss so far.
 */
export function gainOfLabel(args: {
  arm: 'champion' | 'challenger';
  share: number;
  loss: number;
  expected: number;
}): number {
  const surprise = args.loss - args.expected;
  return args.arm === 'champion' ? surprise / (1 - args.share) : -surprise / args.share;
}

/**
 * Confidence sequence of the mean gain: with probability `confidence` it holds the mean gain of the labels so far at all
 * times at once, so it may be looked at after every label and the experiment stopped on it. The normal
 * mixture boundary of Robbins over the martingale of gains, its variance estimated by the gains' own squares
 * (at least their variance, so the interval errs on the wide side): |sum - mean| stays within
 * sqrt((V + rho) * (ln((V + rho) / rho) + 2 ln(1 / alpha))). `rho` makes it narrowest near `tunedFor` labels
 * and costs little elsewhere; it must be chosen before the experiment, from `lossSd` of the champion's validation.
 * A betting sequence needs bounded gains, and log-loss bounded at 16 nats over the chance of an arm makes it several
 * times wider here; this one is asymptotic instead, hence `minimum` labels before the first answer. With a `reach`, gains
 * have a bound that is small enough (squared errors do, see bounded-error.ts), and the boundary of bounded-sequence.ts is
 * taken, which is right for any number of labels.
 * Misleads when one id has several labels: add up the gains per id first; and when the answer changes
 * whether a label comes.
 * Sources: S. Howard and others, Annals of Statistics 49 (2021), eq. 14; I. Waudby-Smith and others, Annals of Statistics
 * 52 (2024), arXiv 2103.06476; D. Ham and others, Design-Based Confidence Sequences (2022), arXiv 2210.08639.
 */
export function gainInterval(sums: GainSums, options: SequenceOptions): GainInterval {
  const { n, weight, total, squares } = sums;
  if (n < options.minimum || !(weight > 0)) return { status: 'insufficient', need: options.minimum, have: n };
  const gain = total / weight;
  const alpha = 1 - options.confidence;
  const { reach } = options;
  if (reach === undefined) {
    const half = boundary(squares, rhoOf(options), alpha) / weight;
    return { status: 'ok', gain, low: gain - half, high: gain + half, n };
  }
  const tunedFor = 4 * options.lossSd * options.lossSd * options.tunedFor;
  const side = (of: number): number =>
    boundedBoundary({ squares, reach: of, alpha: alpha / 2, tunedFor }) / weight;
  return { status: 'ok', gain, low: gain - side(reach.below), high: gain + side(reach.above), n };
}

export interface SequenceOptions {
  /** Chance that the whole sequence is right, 0 to 1. */
  readonly confidence: number;
  /** Labels before which there is no answer. */
  readonly minimum: number;
  /** Labels of both arms near which the interval is narrowest for its confidence. */
  readonly tunedFor: number;
  /** Standard deviation of a row's log-loss, nats, known before the experiment. */
  readonly lossSd: number;
  /** How far a gain of weight 1 can be from 0, for gains that have a bound. */
  readonly reach?: Reach;
}

export const SEQUENCE_DEFAULTS: SequenceOptions = {
  confidence: 0.95,
  minimum: 500,
  tunedFor: 5_000,
  lossSd: 0.5,
};

/** How far the sum of a martingale with quadratic variation `variance` may be from 0, at all times at once. */
export function boundary(variance: number, rho: number, alpha: number): number {
  return Math.sqrt((variance + rho) * (Math.log((variance + rho) / rho) + 2 * Math.log(1 / alpha)));
}

/** Near `tunedFor` labels the variation is 4 sd^2 each at an even split; the best rho for it by Howard and others, 3.5. */
function rhoOf({ tunedFor, lossSd, confidence }: SequenceOptions): number {
  const doubt = -2 * Math.log(1 - confidence);
  return (4 * lossSd * lossSd * tunedFor) / (doubt + Math.log(1 + doubt));
}
