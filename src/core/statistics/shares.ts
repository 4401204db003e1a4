import { pairwiseSum } from '../special/pairwise-sum.ts';
import type { Insufficient } from '../statistic.ts';
import { binTotals } from './bin-totals.ts';

/** Two aligned arrays of shares, each with sum 1, and the rows they come from. */
export interface Shares {
  readonly p: Float64Array;
  readonly q: Float64Array;
  readonly n: number;
  readonly m: number;
  readonly bins: number;
}

/** Shares of two arrays of counts on the same bins, bins empty on both sides left out. */
export function shares(reference: ArrayLike<number>, current: ArrayLike<number>): Shares | Insufficient {
  const totals = binTotals(reference, current);
  if ('status' in totals) return totals;
  const { n, m, bins } = totals;
  return {
    p: normalised(Float64Array.from(totals.reference, (count) => count / n)),
    q: normalised(Float64Array.from(totals.current, (count) => count / m)),
    n,
    m,
    bins,
  };
}

/** Divided by their own sum once more: rounding leaves it within an ulp of 1, and differences need it at 1. */
function normalised(values: Float64Array): Float64Array {
  const sum = pairwiseSum(values);
  return values.map((value) => value / sum);
}
