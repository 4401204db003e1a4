import { fitIsotonic, interpolate } from '../models/isotonic.ts';
import { type Random, randomBelow } from '../random.ts';

/**
 * Calibration as the mean of isotonic regressions on `bags` resamples of the rows (bagging). One isotonic fit
 * jumps where its pools happen to end and is a little too sure of itself on the rows it was fitted on; the mean of
 * many is smoother and nearer to what other rows will show. Still non-decreasing. Misleads below about 1,000
 * rows, as each fit does. Source: L. Breiman, Bagging Predictors (1996), doi 10.1007/BF00058655.
 */
export function averagedIsotonic(args: {
  predictions: ArrayLike<number>;
  labels: ArrayLike<number>;
  random: Random;
  bags?: number;
}): (prediction: number) => number {
  const { predictions, labels, random } = args;
  const n = predictions.length;
  const fits = Array.from({ length: args.bags ?? BAGS }, () => {
    const scores = new Float64Array(n);
    const truths = new Float64Array(n);
    for (let row = 0; row < n; row += 1) {
      const at = randomBelow(random, n);
      scores[row] = predictions[at] ?? 0;
      truths[row] = labels[at] ?? 0;
    }
    return fitIsotonic(scores, truths);
  });
  return (prediction) => fits.reduce((sum, fit) => sum + interpolate(fit, prediction), 0) / fits.length;
}

const BAGS = 20;
