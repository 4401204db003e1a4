import { type Insufficient, insufficient } from '../statistic.ts';

/** Two aligned arrays of counts with the bins that neither side has seen left out. */
export interface BinTotals {
  readonly reference: readonly number[];
  readonly current: readonly number[];
  readonly n: number;
  readonly m: number;
  readonly bins: number;
}

/**
 * Checks two arrays of counts on the same bins and drops the bins that are empty on both sides: they carry
 * no evidence and must not count as degrees of freedom. Shorter arrays are padded with zero.
 */
export function binTotals(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): BinTotals | Insufficient {
  const kept: [number, number][] = [];
  let n = 0;
  let m = 0;
  for (let i = 0; i < Math.max(reference.length, current.length); i += 1) {
    const a = reference[i] ?? 0;
    const b = current[i] ?? 0;
    if (!(a >= 0 && b >= 0 && a <= Number.MAX_SAFE_INTEGER && b <= Number.MAX_SAFE_INTEGER)) {
      return insufficient(1, 0, 'a bin count is negative, not a number or beyond 2^53');
    }
    if (a + b > 0) kept.push([a, b]);
    n += a;
    m += b;
  }
  if (!(n > 0 && m > 0)) return insufficient(1, 0, 'one side has no rows');
  if (n + m > Number.MAX_SAFE_INTEGER) return insufficient(1, 0, 'more rows than a double can count');
  return { reference: kept.map(([a]) => a), current: kept.map(([, b]) => b), n, m, bins: kept.length };
}
