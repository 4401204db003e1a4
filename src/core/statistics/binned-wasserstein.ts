import { type BinCounts, insufficient, type Result } from '../statistic.ts';

/**
 * Wasserstein-1 from counts on frozen numeric bins: how far values moved on average, in the unit of the feature,
 * for windows too large to sort. Null, NaN and infinities are left out.
 *
 * Rows are taken to lie evenly within their bin; the open bins at either end reach to the least and the largest
 * value of both sides. The statistic of the raw rows is within `details.resolution` of the value: the most that any
 * other way to place the rows within their bins could make of it. Effect: the value divided by the reference's
 * standard deviation, where that is given. No p-value, as for `wasserstein`.
 *
 * Misleads where the ends are far out: one outlier makes the outer bin, and with it the resolution, wide.
 * Source: as `wasserstein`; the bound follows from both distribution functions rising within one bin.
 */
export function binnedWasserstein(args: {
  reference: BinCounts;
  current: BinCounts;
  /** Ascending inner edges: bin 0 is below the first, bin i is [edge i - 1, edge i), the last is open. */
  edges: readonly number[];
  /** Least and largest finite value of both sides. */
  minimum: number;
  maximum: number;
  referenceSd?: number;
}): Result {
  const { edges, minimum, maximum, referenceSd } = args;
  const [a, b] = [args.reference, args.current].map((counts) => sharesOf(counts, edges.length + 1));
  if (a === undefined || b === undefined)
    return insufficient(1, 0, 'one side has no rows with a finite number');
  const bounds = [minimum, ...edges.map((edge) => Math.min(Math.max(edge, minimum), maximum)), maximum];
  let [below, belowCurrent, value, resolution] = [0, 0, 0, 0];
  for (let bin = 0; bin + 1 < bounds.length; bin += 1) {
    const width = (bounds[bin + 1] ?? 0) - (bounds[bin] ?? 0);
    const [after, afterCurrent] = [below + (a.shares[bin] ?? 0), belowCurrent + (b.shares[bin] ?? 0)];
    const even = meanGap(below - belowCurrent, after - afterCurrent);
    const most = Math.max(after - belowCurrent, afterCurrent - below);
    const least = Math.max(0, below - afterCurrent, belowCurrent - after);
    value += width * even;
    resolution += width * Math.max(most - even, even - least);
    [below, belowCurrent] = [after, afterCurrent];
  }
  return {
    status: 'ok',
    value,
    ...(referenceSd === undefined || !(referenceSd > 0)
      ? {}
      : { effect: value / referenceSd, effectUnit: 'reference standard deviations' }),
    n: a.rows,
    m: b.rows,
    bins: edges.length + 1,
    law: 'none: a distance in the unit of the feature, from binned counts',
    details: { resolution },
  };
}

function sharesOf(counts: BinCounts, bins: number): { shares: number[]; rows: number } | undefined {
  const rowsOf = new Map(counts.codes.map((code, at) => [code, counts.counts[at] ?? 0]));
  const inBins = Array.from({ length: bins }, (_, bin) => rowsOf.get(bin) ?? 0);
  const rows = inBins.reduce((sum, count) => sum + count, 0);
  return rows > 0 ? { shares: inBins.map((count) => count / rows), rows } : undefined;
}

/** Mean of |gap| between two points where the gap goes from one value to another in a straight line. */
function meanGap(from: number, to: number): number {
  if (from * to >= 0) return (Math.abs(from) + Math.abs(to)) / 2;
  return (from * from + to * to) / (2 * (Math.abs(from) + Math.abs(to)));
}
