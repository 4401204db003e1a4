/**
 * Where values crowd: the mean of the shortest interval that holds `share` of them. Unlike the median it
 * finds the value of a minority of 40% among values spread elsewhere. Undefined for no values; numbers that
 * are not finite are left out.
 *
 * Source: the shorth, D. F. Andrews et al., Robust Estimates of Location (1972).
 */
export function halfMode(values: readonly number[], share = 0.4): number | undefined {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const held = Math.max(1, Math.ceil(share * sorted.length));
  let from = 0;
  let width = Number.POSITIVE_INFINITY;
  for (let at = 0; at + held <= sorted.length; at += 1) {
    const own = (sorted[at + held - 1] ?? 0) - (sorted[at] ?? 0);
    if (own < width) {
      width = own;
      from = at;
    }
  }
  const middle = sorted[from + Math.floor((held - 1) / 2)] ?? 0;
  // Added to one of them, so that the mean of equal values is that value to the last bit.
  return sorted.slice(from, from + held).reduce((sum, value) => sum + (value - middle) / held, middle);
}
