import { densityRatio, effectiveRows } from './density-ratio.ts';
import { equalMeans, innerProduct, type MeanOf, meanOf } from './mean-difference.ts';
import { linear, logistic, ridgeLogit } from './ridge-logit.ts';
import { scaledFeatures } from './scaled-features.ts';

/** Labelled rows: features, what the model answered, what was true. Rows without a label are left out by the caller. */
export interface ConceptRows {
  readonly x: readonly ArrayLike<number>[];
  /** P(label = 1) by the model, 0 to 1. */
  readonly p: ArrayLike<number>;
  /** 0 or 1. */
  readonly y: ArrayLike<number>;
}

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
 * Which of three things changed between the reference and a labelled window: the features (covariate drift), the
 * share of labels with everything else following from it (label shift), or what features mean for the label
 * (change of P(y|x), concept drift)? The verdict names the deepest: features may have drifted as well.
 *
 * 1. Reference rows are weighted to look like the window (density-ratio.ts).
 * 2. Residuals, label minus probability, times 1, the model's log-odds, features and their products are averaged on both
 *    sides; unequal averages mean that P(y|x) changed. The probabilities are recalibrated on the reference first,
 *    so that a model's standing faults cancel and small errors of the weights do not matter.
 * 3. If one offset of the log-odds removes the difference, P(x|y) is unchanged in both classes, and the features are more
 *    likely under it than an unchanged P(x), it is label shift. Where the features cannot tell the two: insufficient.
 *
 * Misleads when labels are missing for a reason that depends on the label itself, and when a change of P(y|x) is
 * local to rows that no product of two features can point at. Deterministic; no permutations.
 * Sources: Bickel, Brueckner, Scheffer, Discriminative Learning Under Covariate Shift (2009); Lipton, Wang, Smola,
 * Detecting and Correcting for Label Shift (2018), arXiv 1802.03916.
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
  const products = productsAffordable(args.reference.x[0]?.length ?? 0, sizes.m);
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

interface Prepared {
  readonly features: readonly Float64Array[];
  /** 1, the model's log-odds, features, their products. */
  readonly moments: readonly Float64Array[];
  /** Features, squares, products: what P(x) is compared by. */
  readonly shapes: readonly Float64Array[];
  readonly labels: ArrayLike<number>;
}

function prepare(
  rows: ConceptRows,
  scale: (row: ArrayLike<number>) => Float64Array,
  products: boolean,
): Prepared {
  const features = rows.x.map(scale);
  const crossed = features.map((row) => (products ? pairProducts(row) : []));
  return {
    features,
    moments: features.map((row, at) =>
      Float64Array.from([1, logOdds(rows.p[at] ?? 0.5), ...row, ...(crossed[at] ?? [])]),
    ),
    shapes: features.map((row, at) =>
      Float64Array.from([...row, ...row.map((value) => value * value), ...(crossed[at] ?? [])]),
    ),
    labels: rows.y,
  };
}

/** All residual moments together, and their plain mean alone, which a moved intercept shows in best; Bonferroni over the two. */
function equalResiduals(
  reference: Prepared,
  current: Prepared,
  beta: Float64Array,
  weights: Float64Array,
): number {
  const before = residualMoments(reference, beta, 0);
  const after = residualMoments(current, beta, 0);
  const plain = (moments: readonly Float64Array[]): Float64Array[] => moments.map((row) => row.slice(0, 1));
  const all = equalMeans(meanOf(before, weights), meanOf(after));
  const one = equalMeans(meanOf(plain(before), weights), meanOf(plain(after)));
  return Math.min(1, 2 * Math.min(all, one));
}

/** (label - recalibrated probability) times each moment; the log-odds of the probability moved by `offset`. */
function residualMoments(rows: Prepared, beta: Float64Array, offset: number): Float64Array[] {
  return rows.moments.map((moments, at) => {
    const residual = (rows.labels[at] ?? 0) - logistic(linear(beta, moments) + offset);
    return moments.map((moment) => residual * moment);
  });
}

/** The offset of the log-odds that brings the window's residual moments closest to the reference's: Gauss-Newton. */
function fitOffset(before: MeanOf, current: Prepared, beta: Float64Array): number {
  let offset = 0;
  for (let round = 0; round < 10; round += 1) {
    const after = meanOf(residualMoments(current, beta, offset));
    const slope = meanOf(
      current.moments.map((moments) => {
        const p = logistic(linear(beta, moments) + offset);
        return moments.map((moment) => p * (1 - p) * moment);
      }),
    ).mean;
    const difference = after.mean.map((value, i) => value - (before.mean[i] ?? 0));
    const along = innerProduct(before, after, slope, slope);
    if (!(along > 0)) break;
    const step = innerProduct(before, after, slope, difference) / along;
    offset += Math.max(-2, Math.min(2, step));
    if (Math.abs(step) < 1e-6) break;
  }
  return offset;
}

/** p-value of P(x|y) being unchanged in both classes, Bonferroni over the two. */
function equalWithinClasses(reference: Prepared, current: Prepared): number {
  const of = (rows: Prepared, label: number): MeanOf =>
    meanOf(rows.shapes.filter((_, at) => rows.labels[at] === label));
  const each = [0, 1].map((label) => equalMeans(of(reference, label), of(current, label)));
  return Math.min(1, 2 * Math.min(...each));
}

/**
 * Log-likelihood ratio of the window's features: label shift against an unchanged P(x). Under label shift the density of x
 * is the reference's times a mixture of P(y|x) with the new shares, so the ratio needs no density at all. `need` is
 * the rows at which it would be decisive 19 times in 20.
 */
function labelShiftOdds(
  reference: Prepared,
  current: Prepared,
  beta: Float64Array,
): { nats: number; need: number } {
  const before = shareOfOnes(reference.labels);
  const after = shareOfOnes(current.labels);
  let [nats, squares] = [0, 0];
  for (const moments of current.moments) {
    const p = logistic(linear(beta, moments));
    const term = Math.log((after / before) * p + ((1 - after) / (1 - before)) * (1 - p));
    nats += term;
    squares += term * term;
  }
  const m = current.moments.length;
  const variance = squares / m - (nats / m) ** 2;
  // Mean m v / 2 and variance m v; solved for the mean minus 1.645 sd reaching the decisive nats.
  const spread = (1.645 + Math.sqrt(1.645 ** 2 + 2 * DECISIVE)) ** 2;
  return { nats, need: Math.max(m + 1, Math.ceil(spread / Math.max(variance, 1e-6))) };
}

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

/** Products of features only while the window has 20 rows for every moment. */
function productsAffordable(features: number, rows: number): boolean {
  return 20 * (2 + 2 * features + (features * (features - 1)) / 2) <= rows;
}

function pairProducts(row: Float64Array): number[] {
  const out: number[] = [];
  for (let i = 0; i < row.length; i += 1) {
    for (let j = 0; j < i; j += 1) out.push((row[i] ?? 0) * (row[j] ?? 0));
  }
  return out;
}

function shareOfOnes(labels: ArrayLike<number>): number {
  let ones = 0;
  for (let at = 0; at < labels.length; at += 1) ones += labels[at] === 1 ? 1 : 0;
  return ones / labels.length;
}

function logOdds(p: number): number {
  const held = Math.min(1 - 1e-4, Math.max(1e-4, p));
  return Math.log(held / (1 - held));
}

/** Odds of 20 to 1. */
const DECISIVE = 3;
