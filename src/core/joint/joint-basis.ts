import { type Random, seededRandom } from '../random.ts';
import type { BinCounts } from '../statistic.ts';
import type { Bins } from '../summaries/bins.ts';
import { type Axis, indicatorAxes, numericAxis } from './normal-scores.ts';
import { type FourierBasis, fourierBasis } from './random-fourier.ts';

/** What rows are turned into before their joint distribution is summed. Plain data. */
export interface JointBasis {
  /** Numeric features first, in the order given, then categories. */
  readonly axes: readonly Axis[];
  readonly fourier: FourierBasis;
}

export interface CountedFeature {
  readonly feature: string;
  readonly bins: Bins;
  /** Rows per code over the reference. */
  readonly counts: BinCounts;
}

/**
 * Freezes the axes of the joint signature on the bin counts of a reference; the same counts give the same
 * axes. At most `most` axes: the work per row grows with their square. Features that do not vary in the
 * reference have none, and what comes after the last axis is not watched.
 */
export function jointBasis(args: {
  features: readonly CountedFeature[];
  most?: number;
  random?: Random;
}): JointBasis {
  const numeric: Axis[] = [];
  const categories: Axis[] = [];
  for (const { feature, bins, counts } of args.features) {
    if (bins.kind === 'categorical') {
      categories.push(...indicatorAxes({ feature, bins, reference: counts }));
      continue;
    }
    const axis = numericAxis({ feature, bins, reference: counts });
    if (axis !== undefined) numeric.push(axis);
  }
  const axes = [...numeric, ...categories].slice(0, args.most ?? MOST_AXES);
  const random = args.random ?? seededRandom(SEED);
  return { axes, fourier: fourierBasis({ axes: axes.length, random, features: FEATURES }) };
}

const MOST_AXES = 40;
const FEATURES = 64;
/** Any: it is part of what a basis is. */
const SEED = 20_131;
