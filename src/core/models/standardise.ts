import type { NumericColumn } from './dataset.ts';
import type { NumericInput } from './model.ts';

/** Standard deviations beyond which a standardised value is cut: one wild value must not own a linear score. */
const LIMIT = 10;

/**
 * Imputation and standardisation of one column: missing and infinite values become the mean of the finite
 * ones, then mean 0 and standard deviation 1 (population), cut at 10 deviations, with a column that
 * marks missing values when the fitted rows have any. A constant or empty column gets scale 0, so it
 * adds nothing.
 */
export function fitStandardise(column: NumericColumn): NumericInput {
  let rows = 0;
  let mean = 0;
  let squares = 0;
  let missing = 0;
  for (const value of column.values) {
    const single = Math.fround(value);
    if (Number.isNaN(single)) missing += 1;
    if (!Number.isFinite(single)) continue;
    rows += 1;
    const off = single - mean;
    mean += off / rows;
    squares += off * (single - mean);
  }
  const deviation = rows === 0 ? 0 : Math.sqrt(squares / rows);
  const scale = Math.fround(1 / deviation);
  return {
    treatment: 'standardise',
    name: column.name,
    fill: Math.fround(mean),
    mean: Math.fround(mean),
    scale: deviation > Math.abs(mean) * 1e-6 && Number.isFinite(scale) ? scale : 0,
    limit: LIMIT,
    missingColumn: missing > 0,
  };
}

/** One value as the graph computes it, each step rounded to float32. */
export function standardise(
  input: Extract<NumericInput, { treatment: 'standardise' }>,
  value: number,
): number {
  const single = Math.fround(value);
  const filled = Number.isNaN(single) ? input.fill : single;
  // 0 * Infinity is NaN, so the value is cut before it is scaled as well as after.
  const bounded = Math.min(BOUND, Math.max(-BOUND, filled));
  const scaled = Math.fround(Math.fround(bounded - input.mean) * input.scale);
  return Math.min(input.limit, Math.max(-input.limit, scaled));
}

/** A finite float32 that is larger than any measured quantity. */
export const BOUND = Math.fround(1e30);
