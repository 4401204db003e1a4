import { populationStabilityIndex } from '../statistics/population-stability-index.ts';
import { alignCounts, mergePanes, type PaneCounts } from '../windows/pane-counts.ts';

/**
 * How many times more windows differ among themselves than independent rows would make them: the mean over
 * windows of PSI against all windows before them, divided by its expectation (bins - 1)(1/n + 1/m). 1 for
 * independent rows, hundreds for the weather. Never below 1. Used to say how large a move of rows between bins
 * sampling alone makes; a season counts as dependence here.
 *
 * Source: Rao and Scott (1981), doi:10.2307/2287815; the design effect is estimated between windows.
 * Insufficient below three windows.
 */
export function designEffect(
  windows: readonly PaneCounts[],
): { status: 'ok'; value: number; windows: number } | { status: 'insufficient'; need: number; have: number } {
  let spread = NO_SPREAD;
  let merged = mergePanes([]);
  for (const pane of windows) {
    spread = extendSpread(spread, { merged, pane });
    merged = mergePanes([merged, pane]);
  }
  return designEffectOf(spread);
}

/** Sum of the ratios of windows to the windows before them. Plain numbers, one window after the other. */
export interface Spread {
  readonly windows: number;
  readonly ratios: number;
}

export const NO_SPREAD: Spread = { windows: 0, ratios: 0 };

export function extendSpread(before: Spread, args: { merged: PaneCounts; pane: PaneCounts }): Spread {
  const { a, b } = alignCounts(args.merged, args.pane);
  const psi = populationStabilityIndex(a, b);
  if (psi.status !== 'ok' || psi.bins === undefined || psi.bins < 2) return before;
  const ratio = psi.value / ((psi.bins - 1) * (1 / psi.n + 1 / psi.m));
  return { windows: before.windows + 1, ratios: before.ratios + ratio };
}

export function designEffectOf(spread: Spread): ReturnType<typeof designEffect> {
  // The first window has nothing before it.
  const have = spread.windows + 1;
  if (have < MINIMUM) return { status: 'insufficient', need: MINIMUM, have };
  return { status: 'ok', value: Math.max(1, spread.ratios / spread.windows), windows: have };
}

const MINIMUM = 3;
