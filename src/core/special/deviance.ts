/**
 * Deviance of an observed count from its expectation: x ln(x / mean) + mean - x, for x >= 0 and mean > 0.
 *
 * This is the exponent of a Poisson or binomial probability without its cancellation: written out as
 * logarithms it loses all digits when x and mean are large and close, so there its series is summed.
 *
 * Source: C. Loader, Fast and Accurate Computation of Binomial Probabilities (2000), function bd0.
 */
export function deviance(x: number, mean: number): number {
  if (x === 0) return mean;
  const difference = x - mean;
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - difference;
  const v = difference / (x + mean);
  let sum = difference * v;
  let term = 2 * x * v;
  for (let k = 1; k < 1000; k += 1) {
    term *= v * v;
    const next = sum + term / (2 * k + 1);
    if (next === sum) return next;
    sum = next;
  }
  return sum;
}
