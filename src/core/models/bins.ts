/**
 * How one column is cut for histogram boosting: value bin b holds the values in
 * (thresholds[b - 1], thresholds[b]]; the bin after the last value bin holds the missing ones.
 */
export interface Bins {
  /** Ascending float32 values, one fewer than there are value bins. */
  readonly thresholds: Float32Array;
  /** True when the last value bin holds +Infinity, which no finite threshold keeps on the left. */
  readonly infinite: boolean;
}

/** Largest finite float32. */
export const MAX_FLOAT32 = 3.4028234663852886e38;
/** Rows that a bin needs, unless a single value has fewer bins than allowed anyway. */
const MIN_ROWS_PER_BIN = 3;

/**
 * Cuts a column into at most `maxBins` value bins (2 to 255) of about equal row counts; a frequent value
 * has a bin of its own. Thresholds lie half way between neighbouring values, on float32 values,
 * because the runtime compares in float32.
 */
export function fitBins(column: Float32Array, maxBins: number): Bins {
  const { values, counts } = distinct(column);
  const last = values[values.length - 1];
  const infinite = last === Number.POSITIVE_INFINITY;
  const thresholds: number[] = [];
  let rowsLeft = counts.reduce((sum, count) => sum + count, 0);
  let rows = 0;
  const everyValue = values.length <= maxBins;
  let target = rowsLeft / maxBins;
  for (let at = 0; at + 1 < values.length; at += 1) {
    const below = values[at] ?? 0;
    const above = values[at + 1] ?? 0;
    rows += counts[at] ?? 0;
    // A value with a bin's worth of rows starts a new bin, so that it is not hidden among others.
    const full = rows >= target || ((counts[at + 1] ?? 0) >= target && rows >= MIN_ROWS_PER_BIN);
    if (!everyValue && (!full || rows < MIN_ROWS_PER_BIN)) continue;
    const cut = between(below, above);
    const previous = thresholds[thresholds.length - 1];
    if (cut >= above || (previous !== undefined && cut <= previous)) continue;
    thresholds.push(cut);
    rowsLeft -= rows;
    rows = 0;
    if (thresholds.length === maxBins - 1) break;
    target = rowsLeft / (maxBins - thresholds.length);
  }
  return { thresholds: Float32Array.from(thresholds), infinite };
}

/** Bin of every value; missing values get bin `thresholds.length + 1`. */
export function assignBins(column: Float32Array, bins: Bins): Uint8Array {
  const { thresholds } = bins;
  return Uint8Array.from(column, (value) => {
    if (Number.isNaN(value)) return thresholds.length + 1;
    let low = 0;
    let high = thresholds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= (thresholds[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}

function between(below: number, above: number): number {
  if (below === Number.NEGATIVE_INFINITY) return -MAX_FLOAT32;
  const middle = Math.fround(below / 2 + above / 2);
  return middle >= below && middle < above ? middle : below;
}

function distinct(column: Float32Array): { values: number[]; counts: number[] } {
  const sorted = column.slice().sort();
  const values: number[] = [];
  const counts: number[] = [];
  for (const value of sorted) {
    if (Number.isNaN(value)) continue;
    if (values[values.length - 1] === value) counts[counts.length - 1] = (counts[counts.length - 1] ?? 0) + 1;
    else {
      values.push(value);
      counts.push(1);
    }
  }
  return { values, counts };
}
