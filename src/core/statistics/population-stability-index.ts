import { chiSquaredSf } from '../special/chi-squared-tail.ts';
import { insufficient, type Result } from '../statistic.ts';
import { binTotals } from './bin-totals.ts';

/**
 * Population stability index (PSI): how far the shares of a set of bins moved, 0 when they did not.
 *
 * The sum over bins of (q - p) ln(q / p), with p and q the shares of reference and current after half a row is
 * added to every bin count (Jeffreys), so that an empty bin gives a finite answer. Bins that neither side has
 * seen are left out.
 *
 * p-value: without a change the index is about (1/n + 1/m) chi-squared with bins - 1 degrees of freedom. Both
 * sampling errors are in it; forgetting the reference's own (1/m alone) flags a quarter of quiet windows once
 * the window is half as large as the reference.
 * Effect: the index beyond what sampling alone gives on average, (bins - 1)(1/n + 1/m), at least 0.
 *
 * Assumes independent rows and bins frozen before the current rows were seen. Misleads when thresholds like 0.1
 * or 0.2 are used at any sample size (they are a different test at every size), when rows are autocorrelated
 * (the p-value is far too small), and for moves inside one bin. Take `wasserstein` for how far values moved,
 * `constantShare` for a constant reference.
 *
 * Insufficient below 5 rows per bin on average on either side.
 * Source: B. Yurdakul, Statistical Properties of Population Stability Index (2018), chapter 3.
 */
export function populationStabilityIndex(reference: ArrayLike<number>, current: ArrayLike<number>): Result {
  const totals = binTotals(reference, current);
  if ('status' in totals) return totals;
  const { n, m, bins } = totals;
  const need = ROWS_PER_BIN * bins;
  if (Math.min(n, m) < need) {
    return insufficient(
      need,
      Math.min(n, m),
      `the two-sample law needs ${ROWS_PER_BIN} rows per bin on average`,
    );
  }
  const value = jeffreysIndex(totals);
  const sampling = 1 / n + 1 / m;
  return {
    status: 'ok',
    value,
    pValue: bins > 1 ? chiSquaredSf(value / sampling, bins - 1) : 1,
    effect: Math.max(0, value - (bins - 1) * sampling),
    effectUnit: 'PSI beyond sampling error',
    n,
    m,
    bins,
    law: 'two-sample: (1/n + 1/m) chi-squared, bins - 1 degrees of freedom',
    details: { df: bins - 1 },
  };
}

/**
 * The same index as most tools compute it: every share raised to at least `floor`, nothing else corrected.
 * It depends on the floor whenever a bin is empty (0.0001 is common); for comparison with other tools only.
 */
export function populationStabilityIndexFloored(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  floor = 1e-4,
): Result {
  const totals = binTotals(reference, current);
  if ('status' in totals) return totals;
  const { n, m, bins } = totals;
  let value = 0;
  for (let i = 0; i < bins; i += 1) {
    const p = Math.max(floor, (totals.reference[i] ?? 0) / n);
    const q = Math.max(floor, (totals.current[i] ?? 0) / m);
    value += (q - p) * Math.log(q / p);
  }
  return { status: 'ok', value, n, m, bins, law: `none: shares floored at ${floor}` };
}

function jeffreysIndex(totals: {
  readonly reference: readonly number[];
  readonly current: readonly number[];
  readonly n: number;
  readonly m: number;
  readonly bins: number;
}): number {
  const ofReference = totals.n + totals.bins / 2;
  const ofCurrent = totals.m + totals.bins / 2;
  let value = 0;
  for (let i = 0; i < totals.bins; i += 1) {
    const p = ((totals.reference[i] ?? 0) + 0.5) / ofReference;
    const q = ((totals.current[i] ?? 0) + 0.5) / ofCurrent;
    value += (q - p) * Math.log(q / p);
  }
  return value;
}

const ROWS_PER_BIN = 5;
