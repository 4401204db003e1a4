import { coder } from '../summaries/bins.ts';
import type { BinnedCalibration } from './binned-estimate.ts';
import { PREDICTION_BINS } from './prediction-bins.ts';

/**
 * Labelled rows counted by the bin of their prediction, for binnedEstimate. Count rows that the model was not trained
 * on: on its own training rows every model looks surer than it is. Predictions that are no number are left out.
 */
export function binCalibration(args: {
  predictions: ArrayLike<number>;
  labels: ArrayLike<number>;
}): BinnedCalibration {
  const codeOf = coder(PREDICTION_BINS);
  const bins = PREDICTION_BINS.edges.length + 1;
  const counts = new Array<number>(bins).fill(0);
  const positives = new Array<number>(bins).fill(0);
  for (let row = 0; row < args.predictions.length; row += 1) {
    const bin = codeOf(args.predictions[row] ?? null);
    if (bin < 0) continue;
    counts[bin] = (counts[bin] ?? 0) + 1;
    if (args.labels[row] === 1) positives[bin] = (positives[bin] ?? 0) + 1;
  }
  return { counts, positives };
}
