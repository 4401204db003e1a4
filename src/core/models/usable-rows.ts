import { type Dataset, takeRows } from './dataset.ts';
import type { Task, TrainingReason } from './model.ts';

/** Rows below which no estimator is fitted: too few to say anything about a second feature. */
export const MIN_ROWS = 50;

export type Usable =
  | { readonly status: 'usable'; readonly dataset: Dataset }
  | {
      readonly status: 'insufficient';
      readonly reason: TrainingReason;
      readonly need: number;
      readonly have: number;
    };

/** Classes beyond which labels are taken for something else than classes. */
export const MAX_CLASSES = 1_000;

/** Whether a label can be learnt from: 0 or 1, a finite number, or the number of a class. */
export function isLabel(label: number, task: Task): boolean {
  if (task === 'classification') return label === 0 || label === 1;
  if (task === 'regression') return Number.isFinite(label);
  return Number.isInteger(label) && label >= 0 && label < MAX_CLASSES;
}

/** The rows whose label can be learnt from, or why there is nothing to train on. */
export function usableRows(dataset: Dataset, task: Task): Usable {
  const features = dataset.numeric.length + dataset.categorical.length;
  if (features === 0) return { status: 'insufficient', reason: 'features', need: 1, have: 0 };
  const kept: number[] = [];
  const classes = new Set<number>();
  dataset.label.forEach((label, row) => {
    if (!isLabel(label, task)) return;
    kept.push(row);
    classes.add(label);
  });
  if (kept.length < MIN_ROWS) {
    const reason = dataset.rows < MIN_ROWS ? 'rows' : 'labels';
    return { status: 'insufficient', reason, need: MIN_ROWS, have: kept.length };
  }
  if (task !== 'regression' && classes.size < 2) {
    return { status: 'insufficient', reason: 'classes', need: 2, have: 1 };
  }
  return {
    status: 'usable',
    dataset: kept.length === dataset.rows ? dataset : takeRows(dataset, kept),
  };
}
