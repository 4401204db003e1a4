import type { Split, SplitRules, Sums } from './best-split.ts';
import type { Histogram } from './histogram.ts';
import { type Bounds, boundedGain } from './leaf-answer.ts';

/** How categories are divided in two; part of the rules of a tree. */
export interface SubsetRules {
  /** Rows that a category needs in a node to be told from the others, and curvature added when categories are put in order. */
  readonly categorySmoothing: number;
  /** Added to l2 for the gain and for the answers of two sets of categories: such a split has more ways to fit noise. */
  readonly categoryL2: number;
  /** Rows by which one tried set must differ from the next, and that the other side must have. */
  readonly minRowsPerGroup: number;
  /** Categories of the smaller set, at most. */
  readonly maxSubset: number;
}

/**
 * The best division of the categories of one column into two sets, or undefined when none gains more than `least`. For
 * a convex loss the best of all 2^(k - 1) sets is a first part of the categories in the order of gradient /
 * curvature, so only those are tried, from either end; with up to four categories each against the rest.
 * The set goes left; a category that has no row in the node follows the larger side.
 * It misleads with categories of few rows, which is what SubsetRules are for.
 * Sources: W. Fisher, On Grouping for Maximum Homogeneity, JASA 53 (1958) 789; Ke et al., LightGBM (NIPS 2017).
 */
export function bestSubsetSplit(args: {
  histogram: Histogram;
  column: number;
  offset: number;
  /** Bins of the column; each is a category. */
  bins: number;
  node: Sums;
  rules: SplitRules & SubsetRules;
  bounds: Bounds;
  own: number;
  least: number;
}): Split | undefined {
  const { histogram, offset, node, rules, bounds } = args;
  const present: number[] = [];
  for (let bin = 0; bin < args.bins; bin += 1) {
    if ((histogram[offset + 3 * bin + 2] ?? 0) > 0) present.push(bin);
  }
  if (present.length < 2) return undefined;
  const single = present.length <= ONE_AGAINST_REST;
  const l2 = rules.l2 + (single ? 0 : rules.categoryL2);
  let best: { gain: number; set: readonly number[]; left: Sums } | undefined;
  if (single) {
    for (const bin of present) consider([bin], 1, sumsOf(bin));
  } else {
    const large = present.filter((bin) => (histogram[offset + 3 * bin + 2] ?? 0) >= rules.categorySmoothing);
    const ratio = new Map(
      large.map((bin) => {
        const { gradient, curvature } = sumsOf(bin);
        return [bin, gradient / (curvature + rules.categorySmoothing)];
      }),
    );
    const order = large.sort((a, b) => (ratio.get(a) ?? 0) - (ratio.get(b) ?? 0) || a - b);
    const most = Math.min(rules.maxSubset, (order.length + 1) >> 1);
    for (const sequence of [order, order.toReversed()]) {
      let [gradient, curvature, rows, grouped] = [0, 0, 0, 0];
      for (let at = 0; at < most; at += 1) {
        const next = sumsOf(sequence[at] ?? 0);
        gradient += next.gradient;
        curvature += next.curvature;
        rows += next.rows;
        grouped += next.rows;
        if (node.rows - rows < rules.minRowsPerGroup) break;
        if (grouped < rules.minRowsPerGroup) continue;
        if (consider(sequence, at + 1, { gradient, curvature, rows })) grouped = 0;
      }
    }
  }
  if (best === undefined) return undefined;
  const { gain, set, left } = best;
  const larger = left.rows >= node.rows - left.rows ? 1 : 0;
  const subset = new Uint8Array(args.bins).fill(larger);
  for (const bin of present) subset[bin] = 0;
  for (const bin of set) subset[bin] = 1;
  return { gain, column: args.column, bin: 0, subset, missingLeft: larger === 1, left, l2 };

  function sumsOf(bin: number): Sums {
    const slot = offset + 3 * bin;
    return {
      gradient: histogram[slot] ?? 0,
      curvature: histogram[slot + 1] ?? 0,
      rows: histogram[slot + 2] ?? 0,
    };
  }

  /** Tries the first `count` of a sequence as the left side; false when either side is too small for a leaf. */
  function consider(sequence: readonly number[], count: number, left: Sums): boolean {
    const rest = {
      gradient: node.gradient - left.gradient,
      curvature: node.curvature - left.curvature,
      rows: node.rows - left.rows,
    };
    if (Math.min(left.rows, rest.rows) < rules.minRowsPerLeaf) return false;
    if (Math.min(left.curvature, rest.curvature) < rules.minCurvature) return false;
    const gain =
      boundedGain(left.gradient, left.curvature, l2, bounds) +
      boundedGain(rest.gradient, rest.curvature, l2, bounds) -
      args.own;
    if (gain > (best?.gain ?? args.least)) best = { gain, set: sequence.slice(0, count), left };
    return true;
  }
}

/** Up to this many categories in a node each is tried alone. */
const ONE_AGAINST_REST = 4;
