import { normalDensity, normalQuantile } from '../special/normal.ts';
import type { BinCounts } from '../statistic.ts';
import { type CategoricalBins, coder, type NumericBins } from '../summaries/bins.ts';
import { countOf } from '../summaries/counts.ts';

/**
 * One coordinate of a row in the joint signature: a number for every value of one feature, frozen on a
 * reference, with mean 0 and variance 1 over the reference's rows.
 *
 * numeric: the normal score of the bin the value falls into, that is the mean of a standard normal variable
 * between the reference ranks of the bin's edges; so heavy tails and units do not matter. A missing value has
 * score 0, an infinity that of the outermost bin.
 * indicator: whether the value is one category or not, because the categories of a feature have no order.
 *
 * Misleads where a bin holds much of the reference: changes inside a bin are not seen. Twenty bins keep 99% of
 * a normal feature's variance. Source: van der Waerden, Order tests for the two-sample problem (1952); Blom,
 * Statistical Estimates and Transformed Beta-Variables (1958).
 */
export type Axis =
  | {
      readonly kind: 'numeric';
      readonly feature: string;
      /** Ascending inner edges, as in `NumericBins`. */
      readonly edges: readonly number[];
      /** Score of bin 0, 1, ...: one more than there are edges. */
      readonly scores: readonly number[];
    }
  | {
      readonly kind: 'indicator';
      readonly feature: string;
      readonly category: string;
      /** Score of a row with the category, and of any other row. */
      readonly hit: number;
      readonly miss: number;
    };

/** The axis of a numeric feature from the reference's counts; undefined when they do not vary. */
export function numericAxis(args: {
  feature: string;
  bins: NumericBins;
  reference: BinCounts;
}): Axis | undefined {
  const { feature, bins, reference } = args;
  const rows = Array.from({ length: bins.edges.length + 1 }, (_, code) => countOf(reference, code));
  const total = rows.reduce((sum, count) => sum + count, 0);
  if (total < 2) return undefined;
  let below = 0;
  const raw = rows.map((count) => {
    const score = betweenRanks(below / total, (below + count) / total, 0.5 / total);
    below += count;
    return score;
  });
  const mean = raw.reduce((sum, score, code) => sum + score * (rows[code] ?? 0), 0) / total;
  const variance = raw.reduce((sum, score, code) => sum + (score - mean) ** 2 * (rows[code] ?? 0), 0) / total;
  if (!(variance > LEAST_VARIANCE)) return undefined;
  const sd = Math.sqrt(variance);
  return { kind: 'numeric', feature, edges: bins.edges, scores: raw.map((score) => (score - mean) / sd) };
}

/**
 * The axes of a categorical feature: one for each of its most frequent categories, at most `most`, that hold
 * between `leastShare` and 1 - `leastShare` of the reference. The last of two is left out: it says the same.
 */
export function indicatorAxes(args: {
  feature: string;
  bins: CategoricalBins;
  reference: BinCounts;
  most?: number;
  leastShare?: number;
}): Axis[] {
  const { feature, bins, reference } = args;
  const least = args.leastShare ?? 0.05;
  const total = reference.counts.reduce((sum, count) => sum + count, 0);
  const wanted = Math.min(args.most ?? 3, Math.max(1, bins.categories.length - 1));
  const axes: Axis[] = [];
  for (const [code, category] of bins.categories.entries()) {
    const share = total === 0 ? 0 : countOf(reference, code) / total;
    if (axes.length === wanted || !(share >= least && share <= 1 - least)) continue;
    const sd = Math.sqrt(share * (1 - share));
    axes.push({ kind: 'indicator', feature, category, hit: (1 - share) / sd, miss: -share / sd });
  }
  return axes;
}

/** A function that gives the score of one value on an axis. */
export function scorer(axis: Axis): (value: number | string | null) => number {
  if (axis.kind === 'indicator') {
    return (value) => (value !== null && String(value) === axis.category ? axis.hit : axis.miss);
  }
  const codeOf = coder({ kind: 'numeric', edges: axis.edges });
  const first = axis.scores[0] ?? 0;
  const last = axis.scores[axis.scores.length - 1] ?? 0;
  return (value) => {
    const code = codeOf(value);
    if (code >= 0) return axis.scores[code] ?? 0;
    const x = Number(value);
    return value === null || Number.isNaN(x) ? 0 : x > 0 ? last : first;
  };
}

/** What an axis is called in a verdict: the feature, or feature=category. */
export function axisName(axis: Axis): string {
  return axis.kind === 'numeric' ? axis.feature : `${axis.feature}=${axis.category}`;
}

/** Mean of a standard normal variable between two ranks; the quantile itself where nothing lies between. */
function betweenRanks(low: number, high: number, margin: number): number {
  if (high <= low) return normalQuantile(Math.min(1 - margin, Math.max(margin, low)));
  const density = (rank: number): number =>
    rank <= 0 || rank >= 1 ? 0 : normalDensity(normalQuantile(rank));
  return (density(low) - density(high)) / (high - low);
}

/** A feature with one value has no dependence to watch. */
const LEAST_VARIANCE = 1e-9;
