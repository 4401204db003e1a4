import { pairwiseSum } from '../special/pairwise-sum.ts';
import { studentTTwoSided } from '../special/student-t.ts';
import { finiteOr, insufficient, type Result } from '../statistic.ts';
import { twoSamples } from './two-samples.ts';

/**
 * Welch's t: the difference of the means (reference minus current) in units of its standard error, without
 * assuming equal variances.
 *
 * p-value: two-sided, Student's law with the degrees of freedom of Welch and Satterthwaite.
 * Effect: the current mean minus the reference mean, in reference standard deviations.
 *
 * Misleads where anything but the mean changed, and heavy tails or a few outliers hide or fake a change; take
 * `mannWhitney` for the same question on ranks. Insufficient below two values a side, and when both sides are
 * constant.
 *
 * Source: B. Welch (1947), doi 10.1093/biomet/34.1-2.28.
 */
export function welch(reference: ArrayLike<number | null>, current: ArrayLike<number | null>): Result {
  const samples = twoSamples(reference, current, { need: 2, infinities: false });
  if ('status' in samples) return samples;
  const { n, m, dropped } = samples;
  const a = meanAndVariance(samples.reference);
  const b = meanAndVariance(samples.current);
  const errorA = a.variance / n;
  const errorB = b.variance / m;
  if (errorA + errorB === 0) return insufficient(2, 1, 'both sides are constant: take the constant share');
  const value = (a.mean - b.mean) / Math.sqrt(errorA + errorB);
  // Shares instead of squares of the errors: the squares of tiny variances underflow.
  const shareA = errorA / (errorA + errorB);
  const shareB = errorB / (errorA + errorB);
  const df = 1 / ((shareA * shareA) / (n - 1) + (shareB * shareB) / (m - 1));
  const shift = {
    effect: (b.mean - a.mean) / Math.sqrt(a.variance),
    effectUnit: 'reference standard deviations',
  };
  return finiteOr({
    status: 'ok',
    value,
    pValue: studentTTwoSided(value, df),
    ...(a.variance > 0 ? shift : {}),
    n,
    m,
    law: 'Student t, Welch-Satterthwaite degrees of freedom',
    details: { df, dropped },
  });
}

/** Mean, and sample variance (divided by n - 1). */
function meanAndVariance(values: Float64Array): { readonly mean: number; readonly variance: number } {
  const mean = pairwiseSum(values) / values.length;
  const squares = values.map((x) => (x - mean) * (x - mean));
  return { mean, variance: pairwiseSum(squares) / (values.length - 1) };
}
