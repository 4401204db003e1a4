import type { Dataset } from './dataset.ts';
import { fitIsotonic } from './isotonic.ts';
import type { Model, TrainingReason } from './model.ts';
import { fitPlatt } from './platt.ts';
import { predictScores } from './predict.ts';
import { usableRows } from './usable-rows.ts';

export type Calibrated =
  | { readonly status: 'calibrated'; readonly model: Model; readonly rows: number }
  | {
      readonly status: 'insufficient';
      readonly reason: TrainingReason;
      readonly need: number;
      readonly have: number;
    };

/**
 * A classification model with its probabilities calibrated on rows it was not trained on. On training
 * rows the scores are too good and the calibration makes the model overconfident.
 */
export function calibrate(args: {
  model: Model;
  dataset: Dataset;
  method: 'platt' | 'isotonic';
}): Calibrated {
  const usable = usableRows(args.dataset, 'classification');
  if (usable.status === 'insufficient') return usable;
  const { label, rows } = usable.dataset;
  const scores = predictScores(args.model, usable.dataset);
  const calibration = args.method === 'platt' ? fitPlatt(scores, label) : fitIsotonic(scores, label);
  return { status: 'calibrated', rows, model: { ...args.model, calibration } };
}
