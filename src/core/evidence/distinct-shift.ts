import { seasonOf } from '../windows/pane.ts';
import type { PaneCounts } from '../windows/pane-counts.ts';
import type { SeasonMean } from './baseline.ts';
import { DISTINCT, distinctComponent } from './components.ts';
import type { EffectSize } from './effect-size.ts';
import type { Reference } from './reference.ts';

/**
 * How many different values are usual for a number of rows: past windows of the class had `mean` of them in `rows`.
 *
 * However values are distributed, their number grows with the rows and grows more slowly than these. So what a window
 * of other size holds lies between the past mean and the past mean in proportion to the rows; an interval, and one
 * value for windows of the same size.
 */
export function usualDistinct(args: { past: SeasonMean; rows: number }): { low: number; high: number } {
  const { past, rows } = args;
  const ratio = past.rows === undefined || past.rows === 0 ? 1 : rows / past.rows;
  return { low: past.mean * Math.min(1, ratio), high: past.mean * Math.max(1, ratio) };
}

/**
 * Change of the number of different values, over windows: the mean of how far each is outside of what is usual for
 * its rows, relative to that. 1 is twice as many, -0.5 half as many. Undefined where no window can be compared.
 */
export function distinctShift(args: {
  reference: Reference;
  windows: readonly { readonly startMs: number; readonly pane: PaneCounts }[];
}): DistinctShift | undefined {
  const { reference } = args;
  const compared = args.windows.flatMap(({ startMs, pane }) => {
    const [counted] = distinctComponent(pane);
    const past = reference.baseline.components.get(DISTINCT)?.means[seasonOf(startMs, reference.season)];
    if (counted === undefined || past === undefined || !(past.mean > 0)) return [];
    const { low, high } = usualDistinct({ past, rows: counted.rows });
    const edge = Math.min(high, Math.max(low, counted.mean));
    return [{ current: counted.mean, usual: past.mean, relative: edge === 0 ? 0 : counted.mean / edge - 1 }];
  });
  if (compared.length === 0) return undefined;
  const mean = (of: (one: (typeof compared)[number]) => number): number =>
    compared.reduce((sum, one) => sum + of(one) / compared.length, 0);
  const relative = mean((one) => one.relative);
  return {
    current: mean((one) => one.current),
    usual: mean((one) => one.usual),
    effect: {
      value: Math.abs(relative),
      unit: 'distinct',
      direction: relative === 0 ? 0 : relative > 0 ? 1 : -1,
    },
  };
}

export interface DistinctShift {
  /** Different values in the windows, and in past ones of their class: means. */
  readonly current: number;
  readonly usual: number;
  readonly effect: EffectSize;
}
