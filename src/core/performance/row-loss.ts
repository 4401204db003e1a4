import { rowLogLoss } from './row-log-loss.ts';

/** Scores of rows by a model: row-major, `width` numbers per row. */
export interface RowScores {
  readonly scores: ArrayLike<number>;
  readonly width: number;
}

/**
 * Log-loss per row in nats of probabilities of classes: -ln of the one that was given to the class that came. `labels`
 * are places among the classes of the rows, and `placeOf` says which of the model's columns such a class is; a class that
 * the model does not know was given nothing. Kept 1e-7 away from 0, like rowLogLoss. NaN for a label that is no class.
 */
export function classLosses(
  { scores, width }: RowScores,
  labels: ArrayLike<number>,
  placeOf: (label: number) => number | undefined = (label) => label,
): Float64Array {
  return Float64Array.from(labels, (label, row) => {
    if (!(label >= 0)) return Number.NaN;
    const place = placeOf(label);
    return rowLogLoss(place === undefined || place >= width ? 0 : (scores[row * width + place] ?? 0), 1);
  });
}

/**
 * Log-loss per row in nats of a regression: the prediction taken as the middle of a normal distribution whose variance is
 * the mean squared error that the model had on its validation rows. So squared errors are in the unit of every other
 * loss, whatever the label's unit is: an error of one standard deviation costs 1/2 above the constant. The part of the
 * error is capped at 2,048 nats (64 standard deviations), so that one broken row cannot swallow a sum. Negative where the
 * label's unit makes errors small. Misleads for errors with heavy tails: they count as squares.
 */
export function squaredLosses(
  predictions: ArrayLike<number>,
  labels: ArrayLike<number>,
  variance: number,
): Float64Array {
  const constant = Math.log(2 * Math.PI * variance) / 2;
  return Float64Array.from(labels, (label, row) => {
    const error = (predictions[row] ?? Number.NaN) - label;
    return constant + Math.min((error * error) / (2 * variance), LARGEST);
  });
}

/** Mean squared error; undefined without rows. At least the smallest positive float32, so that it can be a variance. */
export function meanSquaredError(
  predictions: ArrayLike<number>,
  labels: ArrayLike<number>,
): number | undefined {
  if (labels.length === 0) return undefined;
  let sum = 0;
  for (let row = 0; row < labels.length; row += 1) {
    sum += ((predictions[row] ?? Number.NaN) - (labels[row] ?? Number.NaN)) ** 2;
  }
  return Math.max(sum / labels.length, SMALLEST);
}

const LARGEST = 2_048;
const SMALLEST = 2 ** -126;
