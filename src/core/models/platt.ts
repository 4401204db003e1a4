import type { Calibration } from './model.ts';

const MAX_ROUNDS = 100;
const TOLERANCE = 1e-9;

/**
 * Platt scaling: probability = logistic(slope * score + intercept), fitted by Newton's method to smoothed
 * targets (positives (p + 1) / (p + 2), negatives 1 / (n + 2)), so that separable rows do not
 * give an infinite slope. Two numbers, so a few hundred rows do; it cannot mend a curve that is not S-shaped.
 * Source: Lin, Lin, Weng, A note on Platt's probabilistic outputs, Machine Learning 68 (2007),
 * doi:10.1007/s10994-007-5018-6.
 */
export function fitPlatt(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
): Extract<Calibration, { method: 'platt' }> {
  let ones = 0;
  for (let row = 0; row < scores.length; row += 1) ones += labels[row] === 1 ? 1 : 0;
  const high = (ones + 1) / (ones + 2);
  const low = 1 / (scores.length - ones + 2);
  let slope = 0;
  let intercept = Math.log((ones + 1) / (scores.length - ones + 1));
  let loss = crossEntropy(scores, labels, high, low, slope, intercept);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    let gradientSlope = 0;
    let gradientIntercept = 0;
    let ss = 1e-12;
    let si = 0;
    let ii = 1e-12;
    for (let row = 0; row < scores.length; row += 1) {
      const score = scores[row] ?? 0;
      const p = 1 / (1 + Math.exp(-(slope * score + intercept)));
      const off = p - (labels[row] === 1 ? high : low);
      const weight = p * (1 - p);
      gradientSlope += off * score;
      gradientIntercept += off;
      ss += weight * score * score;
      si += weight * score;
      ii += weight;
    }
    const determinant = ss * ii - si * si;
    if (!(determinant > 0)) break;
    const slopeStep = (ii * gradientSlope - si * gradientIntercept) / determinant;
    const interceptStep = (ss * gradientIntercept - si * gradientSlope) / determinant;
    let share = 1;
    let next = loss;
    while (share > 1e-6) {
      next = crossEntropy(
        scores,
        labels,
        high,
        low,
        slope - share * slopeStep,
        intercept - share * interceptStep,
      );
      if (next <= loss) break;
      share /= 2;
    }
    if (!(next <= loss)) break;
    slope -= share * slopeStep;
    intercept -= share * interceptStep;
    const gain = loss - next;
    loss = next;
    if (gain < TOLERANCE) break;
  }
  return { method: 'platt', slope: Math.fround(slope), intercept: Math.fround(intercept) };
}

function crossEntropy(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  high: number,
  low: number,
  slope: number,
  intercept: number,
): number {
  let loss = 0;
  for (let row = 0; row < scores.length; row += 1) {
    const z = slope * (scores[row] ?? 0) + intercept;
    loss += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - (labels[row] === 1 ? high : low) * z;
  }
  return loss;
}
