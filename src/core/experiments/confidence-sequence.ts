import { boundedBoundary, type Powers, type Reach } from './bounded-sequence.ts';

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
export interface GainSums extends Powers {
  readonly n: number;
  /** Sum of the labels' weights; `n` when none is late and the split is even. */
  readonly weight: number;
  /** Sum of weight * gain. */
  readonly total: number;
  /** Sum of (weight * gain)^2. */
  readonly squares: number;
  /** The same to the third power. */
  readonly cubes: number;
  /** To the fourth. */
  readonly fourths: number;
  /** The largest of what `reachOfLabel` answers, times the label's weight; 0 without labels. */
  readonly reach: number;
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
 * How far below 0 the gain of a label could be, whichever arm had answered with this loss; 0 or more. `other` is the loss
 * of the other version on the same row, where it has been scored too.
 */
export function reachOfLabel(args: {
  share: number;
  loss: number;
  expected: number;
  other?: number | undefined;
}): number {
  const { share, loss, expected, other } = args;
  if (other !== undefined) return Math.abs(loss - other);
  const surprise = loss - expected;
  return Math.max(surprise / share, -surprise / (1 - share));
}

/**
 * Confidence sequence of the mean gain: with probability `confidence` it holds the mean gain of the labels so far at all
 * times at once, so it may be looked at after every label and the experiment stopped on it. Its upper end is the normal
 * mixture boundary of Robbins over the martingale of gains, its variance estimated by the gains' own squares
 * (at least their variance, so the interval errs on the wide side): |sum - mean| stays within
 * sqrt((V + rho) * (ln((V + rho) / rho) + 2 ln(1 / alpha))). `rho` makes it narrowest near `tunedFor` labels
 * and costs little elsewhere; it must be chosen before the experiment, from `lossSd` of the champion's validation.
 * That end is asymptotic, hence `minimum` labels before the first answer: where a version answers few ids and errs seldom
 * and hugely, nothing is seen of its errors for a long time. So the lower end, on which a version is promoted, is the
 * boundary of bounded-sequence.ts with the largest reach so far, which is right for any number of labels; a version that is
 * wrongly rolled back costs less, and a bad one must not stay. With a `reach` in the options gains have a bound that is
 * known before (squared errors do, see bounded-error.ts), and both ends are such boundaries.
 * Misleads when one id has several labels: add up the gains per id first; and when the answer changes
 * whether a label comes.
 * Sources: S. Howard and others, Annals of Statistics 49 (2021), eq. 14; I. Waudby-Smith and others, Annals of Statistics
 * 52 (2024), arXiv 2103.06476; D. Ham and others, Design-Based Confidence Sequences (2022), arXiv 2210.08639.
 */
export function gainInterval(sums: GainSums, options: SequenceOptions): GainInterval {
  const { n, weight, total, squares, cubes, fourths } = sums;
  if (n < options.minimum || !(weight > 0)) return { status: 'insufficient', need: options.minimum, have: n };
  const gain = total / weight;
  const alpha = 1 - options.confidence;
  const { reach } = options;
  if (reach === undefined) {
    const high = gain + boundary(squares, rhoOf(options), alpha) / weight;
    return { status: 'ok', gain, low: gain - below(sums.reach, 'so far'), high, n };
  }
  // Seen from above, what is far above 0 is far below.
  const above = side({ squares, cubes: -cubes, fourths }, reach.above, 'before');
  return { status: 'ok', gain, low: gain - below(reach.below, 'before'), high: gain + above, n };

  function below(of: number, known: 'before' | 'so far'): number {
    return side({ squares, cubes, fourths }, of, known);
  }

  function side(powers: Powers, of: number, known: 'before' | 'so far'): number {
    const tunedFor = 4 * options.lossSd * options.lossSd * options.tunedFor;
    return boundedBoundary({ ...powers, reach: of, alpha: alpha / 2, tunedFor, known }) / weight;
  }
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
  /** How far a weighted gain that is not late can be from 0, for gains that have a bound. */
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
