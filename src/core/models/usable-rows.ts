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

/** The rows whose label can be learnt from, or why there is nothing to train on. */
export function usableRows(dataset: Dataset, task: Task): Usable {
  const features = dataset.numeric.length + dataset.categorical.length;
  if (features === 0) return { status: 'insufficient', reason: 'features', need: 1, have: 0 };
  const kept: number[] = [];
  let ones = 0;
  dataset.label.forEach((label, row) => {
    if (task === 'classification' ? label !== 0 && label !== 1 : !Number.isFinite(label)) return;
    kept.push(row);
    ones += label === 1 ? 1 : 0;
  });
  if (kept.length < MIN_ROWS) {
    const reason = dataset.rows < MIN_ROWS ? 'rows' : 'labels';
    return { status: 'insufficient', reason, need: MIN_ROWS, have: kept.length };
  }
  if (task === 'classification' && (ones === 0 || ones === kept.length)) {
    return { status: 'insufficient', reason: 'classes', need: 2, have: 1 };
  }
  return {
    status: 'usable',
    dataset: kept.length === dataset.rows ? dataset : takeRows(dataset, kept),
  };
}
