import type { Task } from '../models/model.ts';
import type { Confusion } from '../performance/confusion.ts';
import type { CurvePoint } from './calibration-curve.ts';
import type { GroupFairness } from './fairness.ts';
import type { PartialDependence } from './partial-dependence.ts';
import type { Interval } from './percentile-interval.ts';
import type { Importance } from './permutation-importance.ts';
import type { Residual } from './residuals-by-time.ts';
import type { Explained } from './shapley-contributions.ts';
import type { ClassConfusion } from './streamed-scores.ts';
import type { SliceSearch } from './weakest-slices.ts';

/** Everything that is said of a version on some labelled rows. */
export interface Analysis {
  readonly task: Task;
  /** What slices, importance and worst rows count in: nats, or the label's unit squared. */
  readonly loss: 'log-loss' | 'squared error';
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
  /** Empty for a model of numbers. */
  readonly calibration: readonly CurvePoint[];
  readonly fairness: readonly { readonly field: string; readonly groups: readonly GroupFairness[] }[];
  /** Right and wrong answers at a probability of one half, of a model that answers with one. */
  readonly confusion?: Confusion;
  /** Answers of a model of classes. */
  readonly classes?: ClassConfusion;
  /** Label minus prediction, day by day; of classes whether the likeliest came minus its probability. */
  readonly residuals: readonly Residual[];
  /** The most important features, and how the prediction follows them. */
  readonly dependence: readonly PartialDependence[];
  /** The rows that were answered worst, and why they were answered so. */
  readonly worst: readonly WorstRow[];
  /** What was asked for and cannot be answered for this kind of model, or only in part: sentences. */
  readonly leftOut: readonly string[];
}

export interface WorstRow {
  readonly id: string;
  readonly eventTimeMs: number;
  /** A number, or the probability of 1 or of the class that was said. */
  readonly prediction: number;
  /** 0 or 1, a number, or the place of the class that came. */
  readonly label: number;
  /** Of a model of classes. */
  readonly said?: string;
  readonly came?: string;
  readonly loss: number;
  readonly explained: Explained;
}
