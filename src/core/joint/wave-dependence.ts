import type { BinCounts } from '../statistic.ts';
import { CODES } from '../statistic.ts';
import { countOf } from '../summaries/counts.ts';
import type { JointSignature } from './joint-signature.ts';
import type { Axis } from './normal-scores.ts';
import type { FourierBasis } from './random-fourier.ts';

/**
 * How much two axes depend on each other along one wave, beyond what each does alone: the mean of
 * cos(a x + b y + h) less the same mean if x and y were independent with the marginals of this window, divided by
 * the largest size it can have. -1 to 1, 0 for independent axes, whatever their marginals: a feature that drifts
 * alone moves the plain Fourier mean, not this. `rowVariance` is that of one row's contribution when the axes
 * are independent. Undefined where an axis does not vary.
 * Source: the real part of the covariance of two characteristic functions, as in Szekely, Rizzo, Bakirov,
 * Measuring and Testing Dependence by Correlation of Distances (2007).
 */
export function waveDependence(args: {
  basis: FourierBasis;
  signature: JointSignature;
  marginals: readonly Marginal[];
  /** Which of the features of the basis. */
  at: number;
}): { readonly value: number; readonly rowVariance: number } | undefined {
  const { basis, signature, at } = args;
  const [one, two] = [args.marginals[basis.first[at] ?? 0], args.marginals[basis.second[at] ?? 0]];
  if (one === undefined || two === undefined || signature.n === 0) return undefined;
  const [a, b, phase] = [basis.alongFirst[at] ?? 0, basis.alongSecond[at] ?? 0, basis.phase[at] ?? 0];
  const [x, y] = [characteristic(one, a), characteristic(two, b)];
  const spread = (1 - square(x)) * (1 - square(y));
  if (!(spread > LEAST_SPREAD)) return undefined;
  const turn = { re: Math.cos(phase), im: Math.sin(phase) };
  const independent = times(turn, times(x, y)).re;
  const value = ((signature.fourier[at] ?? 0) / signature.n - independent) / Math.sqrt(spread);
  const skew = times(
    times(turn, turn),
    times(minus(characteristic(one, 2 * a), times(x, x)), minus(characteristic(two, 2 * b), times(y, y))),
  ).re;
  return { value, rowVariance: Math.max(LEAST_VARIANCE, (spread + skew) / (2 * spread)) };
}

/** The values an axis takes in a window, and the share of rows at each. */
export interface Marginal {
  readonly scores: readonly number[];
  readonly shares: readonly number[];
}

/** Marginal of a numeric axis from the counts of its feature's bins, as `scorer` scores them. */
export function numericMarginal(axis: Extract<Axis, { kind: 'numeric' }>, counts: BinCounts): Marginal {
  const last = axis.scores.length - 1;
  const special = [
    countOf(counts, CODES.null) + countOf(counts, CODES.nan),
    countOf(counts, CODES.negativeInfinity),
    countOf(counts, CODES.positiveInfinity),
  ];
  const scores = [...axis.scores, 0, axis.scores[0] ?? 0, axis.scores[last] ?? 0];
  const rows = [...axis.scores.map((_, code) => countOf(counts, code)), ...special];
  const total = Math.max(
    1,
    rows.reduce((sum, count) => sum + count, 0),
  );
  return { scores, shares: rows.map((count) => count / total) };
}

/** Marginal of a category from its mean score: it has two values only. */
export function indicatorMarginal(axis: Extract<Axis, { kind: 'indicator' }>, mean: number): Marginal {
  const share = Math.min(1, Math.max(0, (mean - axis.miss) / (axis.hit - axis.miss)));
  return { scores: [axis.hit, axis.miss], shares: [share, 1 - share] };
}

interface Complex {
  readonly re: number;
  readonly im: number;
}

/** Mean of exp(i t x). */
function characteristic({ scores, shares }: Marginal, t: number): Complex {
  let [re, im] = [0, 0];
  for (const [at, score] of scores.entries()) {
    const share = shares[at] ?? 0;
    if (share === 0) continue;
    re += share * Math.cos(t * score);
    im += share * Math.sin(t * score);
  }
  return { re, im };
}

function times(a: Complex, b: Complex): Complex {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

function minus(a: Complex, b: Complex): Complex {
  return { re: a.re - b.re, im: a.im - b.im };
}

function square({ re, im }: Complex): number {
  return re * re + im * im;
}

/** Below, an axis is all but constant in the window. */
const LEAST_SPREAD = 0.01;
const LEAST_VARIANCE = 0.05;
