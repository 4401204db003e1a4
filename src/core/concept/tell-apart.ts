import { densityRatio, effectiveRows } from './density-ratio.ts';
import { DECISIVE, equalWithinClasses, labelShiftOdds, shareOfOnes } from './label-shift.ts';
import { equalMeans, meanOf } from './mean-difference.ts';
import {
  type ConceptRows,
  equalResiduals,
  fitOffset,
  prepare,
  productsAffordable,
  residualMoments,
} from './residual-moments.ts';
import { ridgeLogit } from './ridge-logit.ts';
import { scaledFeatures } from './scaled-features.ts';

export type { ConceptRows };

export interface ConceptLimits {
  /** Chance of calling a change of P(y|x) or label shift where there is none. */
  readonly alpha: number;
  /** Rows needed on each side. */
  readonly minimumRows: number;
  /** Rows needed of each class in the current window. */
  readonly minimumOfClass: number;
  /** Least effective rows of the reweighted reference, as a share of its rows. */
  readonly minimumOverlap: number;
}

export const CONCEPT_LIMITS: ConceptLimits = {
  alpha: 0.01,
  minimumRows: 300,
  minimumOfClass: 50,
  minimumOverlap: 0.3,
};

export interface ConceptEvidence {
  /** P(x) unchanged. */
  readonly features: number;
  /** P(y|x) unchanged, by residual moments after reweighting the reference. */
  readonly residual: number;
  /** One offset of the log-odds explains the residual; absent unless `residual` was small. */
  readonly offset?: number;
  /** P(x|y) unchanged within each class; absent unless one offset explains the residual. */
  readonly withinClasses?: number;
  /** Nats by which the features speak for label shift rather than an unchanged P(x). */
  readonly forLabelShift?: number;
}

export type ConceptVerdict =
  | {
      readonly verdict: 'none' | 'covariate drift' | 'label shift' | 'change of P(y|x)';
      readonly pValues: ConceptEvidence;
      /** Change of the log-odds that fits best, where one was fitted. */
      readonly logOddsOffset?: number;
      readonly effectiveRows: number;
      readonly n: number;
      readonly m: number;
    }
  | {
      readonly verdict: 'insufficient';
      readonly need: number;
      readonly have: number;
      readonly why: string;
      /** Present when P(y|x) did change and only its kind is open. */
      readonly candidates?: readonly ['label shift', 'change of P(y|x)'];
      readonly pValues?: ConceptEvidence;
      readonly n: number;
      readonly m: number;
    };

/**
 * Which of three things changed between the reference and a labelled window: the features (covariate drift),
 * the share of labels with everything else following from it (label shift), or what features mean for the
 * label (change of P(y|x), concept drift)? The verdict names the deepest: features may have drifted as well.
 *
 * 1. Reference rows are weighted to look like the window (density-ratio.ts).
 * 2. Residuals, label minus probability, times 1, the model's log-odds, features and their products are
 *    averaged on both sides; unequal averages mean that P(y|x) changed. The probabilities are recalibrated on
 *    the reference first, so that a model's standing faults cancel and small errors of the weights do not
 *    matter.
 * 3. If one offset of the log-odds removes the difference, P(x|y) is unchanged in both classes, and the
 *    features are more likely under it than an unchanged P(x), it is label shift. Where the features cannot
 *    tell the two: insufficient.
 *
 * Misleads when labels are missing for a reason that depends on the label itself, and when a change of P(y|x)
 * is local to rows that no product of two features can point at. Deterministic; no permutations.
 * Sources: Bickel, Brueckner, Scheffer, Discriminative Learning Under Covariate Shift (2009); Lipton, Wang,
 * Smola, Detecting and Correcting for Label Shift (2018), arXiv 1802.03916.
 */
export function tellApart(args: {
  reference: ConceptRows;
  current: ConceptRows;
  limits?: Partial<ConceptLimits>;
}): ConceptVerdict {
  const limits = { ...CONCEPT_LIMITS, ...args.limits };
  const sizes = { n: args.reference.x.length, m: args.current.x.length };
  const short = shortage(args.reference, args.current, limits);
  if (short !== undefined) return { verdict: 'insufficient', ...short, ...sizes };

  const scale = scaledFeatures(args.reference.x);
  const products = productsAffordable(args.reference.x[0]?.length ?? 0, Math.min(MOST_FOR_PRODUCTS, sizes.m));
  const reference = prepare(args.reference, scale, products);
  const current = prepare(args.current, scale, products);
  const ratio = densityRatio({ reference: reference.features, current: current.features });
  const weights = Float64Array.from(reference.features, ratio);
  const effective = effectiveRows(weights);
  const features = equalMeans(meanOf(reference.shapes), meanOf(current.shapes));
  const needed = limits.minimumOverlap * sizes.n;
  if (effective < needed) {
    const why = 'reference rows that are like those of the window (effective rows)';
    return {
      verdict: 'insufficient',
      need: Math.ceil(needed),
      have: Math.floor(effective),
      why,
      ...sizes,
    };
  }

  const beta = ridgeLogit({ design: reference.moments, labels: reference.labels });
  const before = meanOf(residualMoments(reference, beta, 0), weights);
  const residual = equalResiduals(reference, current, beta, weights);
  const shared = { effectiveRows: effective, ...sizes };
  if (residual >= limits.alpha) {
    const verdict = features < limits.alpha ? 'covariate drift' : 'none';
    return { verdict, pValues: { features, residual }, ...shared };
  }

  const logOddsOffset = fitOffset(before, current, beta);
  const offset = equalMeans(before, meanOf(residualMoments(current, beta, logOddsOffset)), 1);
  if (offset < limits.alpha) {
    return {
      verdict: 'change of P(y|x)',
      pValues: { features, residual, offset },
      logOddsOffset,
      ...shared,
    };
  }
  const withinClasses = equalWithinClasses(reference, current);
  const choice = labelShiftOdds(reference, current, beta);
  const pValues = { features, residual, offset, withinClasses, forLabelShift: choice.nats };
  const named = { pValues, logOddsOffset, ...shared };
  if (withinClasses < limits.alpha || choice.nats < -DECISIVE) {
    return { verdict: 'change of P(y|x)', ...named };
  }
  if (choice.nats > DECISIVE) return { verdict: 'label shift', ...named };
  return {
    verdict: 'insufficient',
    need: choice.need,
    have: sizes.m,
    why: 'labelled rows to tell label shift from a change of P(y|x): their share changed, their features hardly',
    candidates: ['label shift', 'change of P(y|x)'],
    pValues,
    ...sizes,
  };
}

/** Rows beyond which more products of features would be too much work. */
const MOST_FOR_PRODUCTS = 3_000;

function shortage(
  reference: ConceptRows,
  current: ConceptRows,
  limits: ConceptLimits,
): { need: number; have: number; why: string } | undefined {
  const sides = [
    ['reference', reference],
    ['current', current],
  ] as const;
  for (const [name, { x }] of sides) {
    if (x.length < limits.minimumRows) {
      return { need: limits.minimumRows, have: x.length, why: `labelled rows in the ${name} window` };
    }
  }
  for (const [name, { y }] of sides) {
    const ones = shareOfOnes(y) * y.length;
    const fewer = Math.round(Math.min(ones, y.length - ones));
    if (fewer < limits.minimumOfClass) {
      return {
        need: limits.minimumOfClass,
        have: fewer,
        why: `rows of the rarer class in the ${name} window`,
      };
    }
  }
  return undefined;
}
