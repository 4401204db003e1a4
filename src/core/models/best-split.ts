import { bestSubsetSplit, type SubsetRules } from './best-subset-split.ts';
import type { Histogram } from './histogram.ts';
import { answer, type Bounds, boundedGain, UNBOUNDED } from './leaf-answer.ts';

/** Sums over the rows of a node or of one side of a split. */
export interface Sums {
  readonly gradient: number;
  readonly curvature: number;
  readonly rows: number;
}

export interface Split {
  readonly gain: number;
  readonly column: number;
  /** Rows in value bins 0..bin go left. */
  readonly bin: number;
  /** For a column of categories instead: 1 for every bin that goes left. */
  readonly subset: Uint8Array | undefined;
  readonly missingLeft: boolean;
  readonly left: Sums;
  /** Penalty of the answers on both sides. */
  readonly l2: number;
}

export interface SplitRules {
  readonly minRowsPerLeaf: number;
  readonly minCurvature: number;
  readonly l2: number;
  readonly minGain: number;
}

/**
 * The split with the largest second-order gain G_l^2 / (H_l + l2) + G_r^2 / (H_r + l2) - G^2 / (H + l2),
 * or undefined when none passes the rules. Missing rows are tried on both sides; where a column has none
 * in this node they will follow the larger side. Ties go to the first column and lowest bin. With
 * directions, a split whose answers go the wrong way is none, and gains are those of bounded answers.
 * Source: Chen and Guestrin, XGBoost (KDD 2016), equations 6-7, doi:10.1145/2939672.2939785.
 */
export function bestSplit(args: {
  histogram: Histogram;
  columns: readonly number[];
  offsets: readonly number[];
  binCounts: readonly number[];
  /** Columns whose last value bin may not be split from missing, because it holds +Infinity. */
  infinite: readonly boolean[];
  /** Columns whose bins are categories. */
  categories: readonly boolean[];
  node: Sums;
  rules: SplitRules & SubsetRules;
  /** 1 for columns whose answers may only rise, -1 for fall, 0 for free; undefined when all are free. */
  directions?: Int8Array | undefined;
  bounds?: Bounds;
}): Split | undefined {
  const { histogram, node, rules, directions, bounds = UNBOUNDED } = args;
  const { l2, minRowsPerLeaf, minCurvature } = rules;
  const own =
    directions === undefined
      ? (node.gradient * node.gradient) / (node.curvature + l2)
      : boundedGain(node.gradient, node.curvature, l2, bounds);
  let bestGain = rules.minGain;
  let best: Split | undefined;
  for (const column of args.columns) {
    const offset = args.offsets[column] ?? 0;
    const valueBins = (args.binCounts[column] ?? 1) - 1;
    if (args.categories[column] === true) {
      const found = bestSubsetSplit({
        ...{ histogram, column, offset, bins: valueBins, node, rules, bounds, own },
        least: bestGain,
      });
      if (found === undefined) continue;
      best = found;
      bestGain = found.gain;
      continue;
    }
    const missing = offset + 3 * valueBins;
    const missingGradient = histogram[missing] ?? 0;
    const missingCurvature = histogram[missing + 1] ?? 0;
    const missingRows = histogram[missing + 2] ?? 0;
    // The cut after the last value bin only separates values from missing.
    const cuts = missingRows > 0 && args.infinite[column] !== true ? valueBins : valueBins - 1;
    let gradient = 0;
    let curvature = 0;
    let rows = 0;
    for (let bin = 0; bin < cuts; bin += 1) {
      const slot = offset + 3 * bin;
      const binRows = histogram[slot + 2] ?? 0;
      if (binRows === 0) continue;
      gradient += histogram[slot] ?? 0;
      curvature += histogram[slot + 1] ?? 0;
      rows += binRows;
      for (let side = 0; side < (missingRows > 0 ? 2 : 1); side += 1) {
        const leftRows = rows + (side === 1 ? missingRows : 0);
        const rightRows = node.rows - leftRows;
        if (leftRows < minRowsPerLeaf || rightRows < minRowsPerLeaf) continue;
        const leftCurvature = curvature + (side === 1 ? missingCurvature : 0);
        const rightCurvature = node.curvature - leftCurvature;
        if (leftCurvature < minCurvature || rightCurvature < minCurvature) continue;
        const leftGradient = gradient + (side === 1 ? missingGradient : 0);
        const rightGradient = node.gradient - leftGradient;
        if (directions !== undefined) {
          const rise =
            answer(rightGradient, rightCurvature, l2, bounds) -
            answer(leftGradient, leftCurvature, l2, bounds);
          if ((directions[column] ?? 0) * rise < 0) continue;
        }
        const gain =
          directions === undefined
            ? (leftGradient * leftGradient) / (leftCurvature + l2) +
              (rightGradient * rightGradient) / (rightCurvature + l2) -
              own
            : boundedGain(leftGradient, leftCurvature, l2, bounds) +
              boundedGain(rightGradient, rightCurvature, l2, bounds) -
              own;
        if (!(gain > bestGain)) continue;
        bestGain = gain;
        best = {
          gain,
          column,
          bin,
          subset: undefined,
          l2,
          missingLeft: missingRows > 0 ? side === 1 : leftRows >= rightRows,
          left: { gradient: leftGradient, curvature: leftCurvature, rows: leftRows },
        };
      }
    }
  }
  return best;
}
