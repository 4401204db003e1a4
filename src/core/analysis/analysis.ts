import type { Confusion } from '../performance/confusion.ts';
import type { CurvePoint } from './calibration-curve.ts';
import type { GroupFairness } from './fairness.ts';
import type { PartialDependence } from './partial-dependence.ts';
import type { Interval } from './percentile-interval.ts';
import type { Importance } from './permutation-importance.ts';
import type { Residual } from './residuals-by-time.ts';
import type { Explained } from './shapley-contributions.ts';
import type { SliceSearch } from './weakest-slices.ts';

/** Everything that is said of a version on some labelled rows. */
export interface Analysis {
  readonly rows: number;
  /** Rows that slices, importance, dependence, fairness and worst rows are of: all of them, or a sample. */
  readonly examined: number;
  readonly days: number;
  /** Event time of the first row, and of the last. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly metrics: Readonly<Record<string, Interval>>;
  readonly slices: SliceSearch;
  readonly importance: readonly Importance[];
  readonly calibration: readonly CurvePoint[];
  readonly fairness: readonly { readonly field: string; readonly groups: readonly GroupFairness[] }[];
  /** Right and wrong answers at a probability of one half. */
  readonly confusion: Confusion;
  /** Label minus prediction, day by day. */
  readonly residuals: readonly Residual[];
  /** The most important features, and how the prediction follows them. */
  readonly dependence: readonly PartialDependence[];
  /** The rows that were answered worst, and why they were answered so. */
  readonly worst: readonly WorstRow[];
}

export interface WorstRow {
  readonly id: string;
  readonly eventTimeMs: number;
  readonly prediction: number;
  readonly label: number;
  readonly loss: number;
  readonly explained: Explained;
}
