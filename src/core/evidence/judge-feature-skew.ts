import { binomialUpperTail } from '../special/binomial-tail.ts';

/**
 * Feature skew of one window: the same examples, one feature, training against serving.
 *
 * The mismatch fraction counts ids whose two values differ beyond the tolerance, or that have a value on
 * one side only, among ids on both sides with a value on at least one. `drift` when it is at least the
 * floor and a true fraction of only the floor would give so many with probability below `alpha` (exact
 * binomial). Misleads when ids collide or when one side logs another moment of the same example: both
 * look like a mismatch of everything.
 */
export function judgeFeatureSkew(args: {
  counts: SkewCounts;
  floor: number;
  alpha: number;
  minimumRows: number;
}): SkewJudgement {
  const { counts, floor } = args;
  const n = counts.joined - counts.bothNull;
  if (n < args.minimumRows) return { verdict: 'insufficient', need: args.minimumRows, n };
  const mismatches = counts.mismatches + counts.trainingValueOnly + counts.servingValueOnly;
  const fraction = mismatches / n;
  const pValue = binomialUpperTail(mismatches, n, floor);
  const verdict = fraction >= floor && pValue < args.alpha ? 'drift' : 'ok';
  return { verdict, fraction, mismatches, pValue, n };
}

/** The six counts of one feature, and the ids seen on one side only. */
export interface SkewCounts {
  readonly joined: number;
  readonly trainingOnly: number;
  readonly servingOnly: number;
  readonly matches: number;
  readonly mismatches: number;
  readonly trainingValueOnly: number;
  readonly servingValueOnly: number;
  readonly bothNull: number;
}

export type SkewJudgement =
  | {
      readonly verdict: 'ok' | 'drift';
      readonly fraction: number;
      readonly mismatches: number;
      readonly pValue: number;
      readonly n: number;
    }
  | { readonly verdict: 'insufficient'; readonly need: number; readonly n: number };
