import { linear, ridgeLogit } from './ridge-logit.ts';

/**
 * How many times more often a row's features occur in the current window than in the reference: the odds of a
 * logistic regression, on the features and their squares, that tells the two apart (both sides weighted
 * equally), capped at `cap`. Weighting reference rows by it makes the reference look like the window.
 *
 * Right for normal features whose means, scales or correlation-free shape moved; approximate otherwise.
 * Misleads where the window holds features that the reference never held: no weight can make rows that are not
 * there. The effective rows say how much is left. Source: Sugiyama, Suzuki, Kanamori, Density Ratio Estimation
 * (2012), 3.
 */
export function densityRatio(args: {
  reference: readonly Float64Array[];
  current: readonly Float64Array[];
  cap?: number;
}): (features: Float64Array) => number {
  const { reference, current } = args;
  const cap = args.cap ?? 20;
  const design = [...reference, ...current].map(withSquares);
  const total = design.length;
  const beta = ridgeLogit({
    design,
    labels: Float64Array.from(design, (_, row) => Number(row >= reference.length)),
    weights: Float64Array.from(design, (_, row) =>
      row < reference.length ? total / 2 / reference.length : total / 2 / current.length,
    ),
  });
  return (features) => Math.min(cap, Math.exp(linear(beta, withSquares(features))));
}

/** Rows that equally weighted rows would have to be to give as exact a mean: Kish's effective sample size. */
export function effectiveRows(weights: ArrayLike<number>): number {
  let [sum, squares] = [0, 0];
  for (let row = 0; row < weights.length; row += 1) {
    const weight = weights[row] ?? 0;
    sum += weight;
    squares += weight * weight;
  }
  return squares > 0 ? (sum * sum) / squares : 0;
}

function withSquares(features: Float64Array): Float64Array {
  return Float64Array.from([1, ...features, ...features.map((value) => value * value)]);
}
