import { CODES } from '../statistic.ts';

/**
 * Bins are fitted once on a reference and then frozen: every later window is counted in the same bins, so that
 * counts of any slices of time can be added and compared.
 */
export type Bins = NumericBins | CategoricalBins;

export interface NumericBins {
  readonly kind: 'numeric';
  /** Ascending inner edges: bin 0 is below the first, bin i is [edge i - 1, edge i), the last is open. */
  readonly edges: readonly number[];
}

export interface CategoricalBins {
  readonly kind: 'categorical';
  /** The most frequent values of the reference; value i has bin i. */
  readonly categories: readonly string[];
  /** Further values of the reference, up to a cap: they share the bin after the last category. */
  readonly others: readonly string[];
}

/**
 * Numeric bins with equal shares of the reference: edges at its quantiles, duplicates removed, so a value that
 * holds a large share gets a bin of its own. With `outer` (the default) two more edges close the range of the
 * reference: values below and above everything it held have bins of their own, which is what shows a shift away
 * from a constant. Undefined when the reference has no finite value.
 *
 * Quantiles interpolate linearly between order statistics (Hyndman and Fan's type 7).
 * Source: R. Hyndman and Y. Fan, Sample Quantiles in Statistical Packages (1996), doi 10.2307/2684934.
 */
export function fitNumericBins(
  reference: ArrayLike<number | null>,
  options: { readonly bins?: number; readonly outer?: boolean } = {},
): NumericBins | undefined {
  const sorted = sortedFinite(reference);
  const first = sorted[0];
  const last = sorted[sorted.length - 1];
  if (first === undefined || last === undefined) return undefined;
  const bins = options.bins ?? 10;
  const edges: number[] = [];
  for (let i = 1; i < bins; i += 1) edges.push(quantile(sorted, i * (1 / bins)));
  if (options.outer ?? true) edges.push(first, nextAbove(last));
  edges.sort((a, b) => a - b);
  return { kind: 'numeric', edges: edges.filter((edge, i) => i === 0 || edge !== edges[i - 1]) };
}

/**
 * Categorical bins: the `top` most frequent values of the reference (ties by code units of the text), then one
 * bin for its other values, of which at most `others` are remembered. Memory stays bounded for any cardinality.
 */
export function fitCategoricalBins(
  frequencies: ReadonlyMap<string, number>,
  options: { readonly top?: number; readonly others?: number } = {},
): CategoricalBins {
  const top = options.top ?? 50;
  const ranked = [...frequencies].sort(([a, k], [b, l]) => l - k || (a < b ? -1 : a > b ? 1 : 0));
  return {
    kind: 'categorical',
    categories: ranked.slice(0, top).map(([value]) => value),
    others: ranked.slice(top, top + (options.others ?? 10_000)).map(([value]) => value),
  };
}

/**
 * A function that gives the code of one value: its bin from 0 on, or a code below 0 for null, NaN, infinities
 * and values the reference never held (see `CODES`).
 */
export function coder(bins: Bins): (value: number | string | null) => number {
  if (bins.kind === 'numeric') return (value) => numericCode(bins.edges, value);
  const codes = new Map(bins.categories.map((value, i) => [value, i]));
  for (const value of bins.others) if (!codes.has(value)) codes.set(value, bins.categories.length);
  return (value) => (value === null ? CODES.null : (codes.get(String(value)) ?? CODES.unseen));
}

function numericCode(edges: readonly number[], value: number | string | null): number {
  if (value === null) return CODES.null;
  const x = Number(value);
  if (Number.isNaN(x)) return CODES.nan;
  if (x === Number.NEGATIVE_INFINITY) return CODES.negativeInfinity;
  if (x === Number.POSITIVE_INFINITY) return CODES.positiveInfinity;
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] ?? 0) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Value below which a share q of the sorted numbers lies, by linear interpolation. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const position = (sorted.length - 1) * q;
  const below = Math.min(Math.max(0, Math.floor(position)), sorted.length - 1);
  const a = sorted[below] ?? 0;
  const b = sorted[Math.min(below + 1, sorted.length - 1)] ?? a;
  const weight = position - below;
  // Opposite signs near the largest double: the difference would overflow, the weighted sum does not.
  if (!Number.isFinite(b - a)) return a * (1 - weight) + b * weight;
  return weight < 0.5 ? a + (b - a) * weight : b - (b - a) * (1 - weight);
}

/** The finite numbers of an array, ascending; null, NaN and infinities are left out. */
export function sortedFinite(values: ArrayLike<number | null>): Float64Array {
  const finite: number[] = [];
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (typeof value === 'number' && Number.isFinite(value)) finite.push(value);
  }
  return Float64Array.from(finite).sort();
}

/** The smallest double above x. */
function nextAbove(x: number): number {
  if (x >= Number.MAX_VALUE) return x;
  const step = Math.max(Number.MIN_VALUE, Math.abs(x) * 2 ** -53);
  return x + step > x ? x + step : x + 2 * step;
}
