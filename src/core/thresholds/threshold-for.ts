import type { Calibrated } from './maximum-evidence.ts';
import { RUN_LENGTHS, type RunLengthRow, type ThresholdCell } from './run-lengths.ts';

/**
 * Threshold for a wanted number of false alarms per 100,000 elements (100,000 divided by the wanted mean
 * run length), between columns by the logarithm of the rate. Without `rate` the worst error rate of the
 * table counts, with it the nearest row. `margin` is the distance to the upper end of the 95% interval;
 * add it to be on the safe side.
 */
export function thresholdFor(args: { detector: Calibrated; per100k: number; rate?: number }): Threshold {
  const { per100k, rate } = args;
  const all = RUN_LENGTHS[args.detector];
  const rows = rate === undefined ? all : [nearest(all, rate)];
  const found = rows.flatMap((row) => (row === undefined ? [] : between(row.thresholds, per100k)));
  const columns = all[0]?.thresholds.map((cell) => cell.per100k) ?? [];
  if (found.length === 0) {
    return { status: 'outside-table', lowest: Math.min(...columns), highest: Math.max(...columns) };
  }
  const worst = found.reduce((a, b) => (b.value > a.value ? b : a));
  return { status: 'ok', threshold: worst.value, margin: worst.high - worst.value };
}

export type Threshold =
  | { readonly status: 'ok'; readonly threshold: number; readonly margin: number }
  | { readonly status: 'outside-table'; readonly lowest: number; readonly highest: number };

function between(cells: readonly ThresholdCell[], per100k: number): { value: number; high: number }[] {
  for (const [i, left] of cells.entries()) {
    const right = cells[i + 1] ?? left;
    if (per100k < left.per100k || per100k > right.per100k) continue;
    const span = Math.log(right.per100k / left.per100k);
    const share = span === 0 ? 0 : Math.log(per100k / left.per100k) / span;
    return [
      {
        value: left.value + share * (right.value - left.value),
        high: left.high + share * (right.high - left.high),
      },
    ];
  }
  return [];
}

/** By the logarithm of the odds, in which a rate and its mirror image are the same distance from a half. */
function nearest(rows: readonly RunLengthRow[], rate: number): RunLengthRow | undefined {
  const folded = Math.min(rate, 1 - rate);
  const distance = (row: RunLengthRow): number =>
    Math.abs(Math.log(row.rate / (1 - row.rate)) - Math.log(folded / (1 - folded)));
  return [...rows].sort((a, b) => distance(a) - distance(b))[0];
}
