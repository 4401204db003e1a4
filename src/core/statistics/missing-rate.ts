import { CODES, type Column, type Comparison, type Result } from '../statistic.ts';
import { countOf, totalOf } from '../summaries/counts.ts';
import { rateDifference } from './rate-difference.ts';

/**
 * Missing rate: the share of rows without a value, null and NaN alike, against the reference's.
 *
 * Value: the current rate, 0 to 1. Effect: current minus reference. p-value: exact while counts are small.
 * Misleads where a value stands for "missing" (0, -999, "unknown"), since that is a value to it: take
 * `constantShare` or `populationStabilityIndex` for those.
 *
 * Source: see `rateDifference`.
 */
export function missingRate(args: Comparison): Result {
  return rateDifference(missing(args.reference), missing(args.current));
}

function missing(column: Column): { readonly hits: number; readonly rows: number } {
  if (column.form === 'counts') {
    const hits = countOf(column.counts, CODES.null) + countOf(column.counts, CODES.nan);
    return { hits, rows: totalOf(column.counts) };
  }
  if (column.form === 'vectors') {
    const hits = column.rows.filter((row) => Array.from(row).some((x) => !Number.isFinite(x))).length;
    return { hits, rows: column.rows.length };
  }
  let hits = 0;
  const { values } = column;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value === null || value === undefined || Number.isNaN(value)) hits += 1;
  }
  return { hits, rows: values.length };
}
