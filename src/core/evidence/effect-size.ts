import { alignCounts, type PaneCounts } from '../windows/pane-counts.ts';

/**
 * How large a difference is, in units a person can weigh: it does not grow with the number of rows.
 * `sd`: difference of the means in standard deviations of the reference. `share`: the share of rows
 * that would have to move to another bin (total variation), beyond what sampling alone moves. `distinct`: change of
 * the number of different values, relative to what is usual for the rows (see distinct-shift).
 */
export interface EffectSize {
  readonly value: number;
  readonly unit: 'sd' | 'share' | 'distinct';
  readonly direction: -1 | 0 | 1;
}

/** Standardised difference of means; undefined when a side has no finite value or the reference is constant. */
export function standardisedDifference(args: {
  reference: PaneCounts;
  current: PaneCounts;
}): EffectSize | undefined {
  const { reference, current } = args;
  if (reference.finite < 2 || current.finite === 0) return undefined;
  const mean = reference.total / reference.finite;
  const variance = reference.squares / reference.finite - mean * mean;
  // Below this the variance is rounding error of the sum of squares.
  if (!(variance > 1e-12 * Math.max(1, mean * mean))) return undefined;
  const difference = (current.total / current.finite - mean) / Math.sqrt(variance);
  return { value: Math.abs(difference), unit: 'sd', direction: sign(difference) };
}

/** Share of rows that moved between bins, less the mean share that sampling moves (dependence included). */
export function shareMoved(args: {
  reference: PaneCounts;
  current: PaneCounts;
  designEffect: number;
}): EffectSize {
  const { a, b } = alignCounts(args.reference, args.current);
  const [n, m] = [args.reference.n, args.current.n];
  if (n === 0 || m === 0) return { value: 0, unit: 'share', direction: 0 };
  let [moved, sampling] = [0, 0];
  for (const [index, count] of a.entries()) {
    const other = b[index] ?? 0;
    const share = (count + other) / (n + m);
    moved += Math.abs(count / n - other / m) / 2;
    sampling += Math.sqrt((share * (1 - share) * (1 / n + 1 / m) * args.designEffect) / (2 * Math.PI));
  }
  return { value: Math.max(0, moved - sampling), unit: 'share', direction: 0 };
}

function sign(x: number): -1 | 0 | 1 {
  if (x === 0) return 0;
  return x > 0 ? 1 : -1;
}
