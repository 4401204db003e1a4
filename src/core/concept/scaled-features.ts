/**
 * Features of rows made comparable: centred and scaled by the reference, held within 4 standard deviations so
 * that one wild row cannot own a product, a missing value at the mean. A feature that does not vary is 0
 * throughout.
 */
export function scaledFeatures(
  reference: readonly ArrayLike<number>[],
): (row: ArrayLike<number>) => Float64Array {
  const width = reference[0]?.length ?? 0;
  const means = new Float64Array(width);
  const scales = new Float64Array(width);
  for (let k = 0; k < width; k += 1) {
    let [n, mean, squares] = [0, 0, 0];
    for (const row of reference) {
      const value = row[k] ?? Number.NaN;
      if (!Number.isFinite(value)) continue;
      n += 1;
      const off = value - mean;
      mean += off / n;
      squares += off * (value - mean);
    }
    means[k] = mean;
    scales[k] = squares > 0 ? 1 / Math.sqrt(squares / n) : 0;
  }
  return (row) =>
    Float64Array.from({ length: width }, (_, k) => {
      const value = ((row[k] ?? Number.NaN) - (means[k] ?? 0)) * (scales[k] ?? 0);
      return Number.isNaN(value) ? 0 : Math.max(-FARTHEST, Math.min(FARTHEST, value));
    });
}

const FARTHEST = 4;
