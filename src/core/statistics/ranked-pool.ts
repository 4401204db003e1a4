/**
 * Both samples in one ascending order: per distinct value, how many rows of each side hold it.
 * Everything a rank statistic needs, in one pass after two sorts.
 */
export interface RankedPool {
  /** Distinct values, ascending. */
  readonly values: Float64Array;
  /** Rows of the reference, and of the current sample, that equal each value. */
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

/** Merges two samples without NaN. Negative and positive zero are the same value. */
export function rankedPool(reference: Float64Array, current: Float64Array): RankedPool {
  const a = reference.slice().sort();
  const b = current.slice().sort();
  const values: number[] = [];
  const countsA: number[] = [];
  const countsB: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    const fromA = i;
    const fromB = j;
    while (i < a.length && a[i] === x) i += 1;
    while (j < b.length && b[j] === x) j += 1;
    values.push(x);
    countsA.push(i - fromA);
    countsB.push(j - fromB);
  }
  return {
    values: Float64Array.from(values),
    reference: Float64Array.from(countsA),
    current: Float64Array.from(countsB),
  };
}
