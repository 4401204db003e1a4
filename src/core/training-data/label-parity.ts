import type { CheckResult } from './check.ts';
import { compareLabelShares } from './label-share.ts';

/**
 * Do training and validation rows have the same share of ones? Where they differ, the validation measures
 * another problem than was trained on. A finding from `floor` (default 5 points) with p below `alpha`.
 * Misleads for a split by time across a season: the share may truly differ; a finding then says that one
 * validation window is short.
 */
export function labelParity(args: {
  training: ArrayLike<number>;
  validation: ArrayLike<number>;
  alpha?: number;
  floor?: number;
  /** What label 1 is called. */
  label?: string;
}): CheckResult {
  return compareLabelShares({
    check: 'label-parity',
    names: ['training', 'validation'],
    ...(args.label === undefined ? {} : { label: args.label }),
    before: args.training,
    now: args.validation,
    alpha: args.alpha ?? 0.001,
    floor: args.floor ?? 0.05,
  });
}
