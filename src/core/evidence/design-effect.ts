import { populationStabilityIndex } from '../statistics/population-stability-index.ts';
import { alignCounts, mergePanes, type PaneCounts, withoutPane } from '../windows/pane-counts.ts';

/**
 * How many times more windows differ among themselves than independent rows would make them: the mean over
 * past windows of PSI against all the others, divided by its expectation (bins - 1)(1/n + 1/m). 1 for
 * independent rows, hundreds for the weather. Never below 1.
 *
 * Dividing a window's PSI by it, and taking the degrees of freedom from how widely the past windows spread,
 * turns the two-sample law into one for dependent rows (first and second order).
 * Source: Rao and Scott (1981), doi:10.1080/01621459.1981.10477633; the deff is estimated between windows.
 * Insufficient below three windows.
 */
export function designEffect(
  windows: readonly PaneCounts[],
):
  | { status: 'ok'; value: number; df: number; windows: number }
  | { status: 'insufficient'; need: number; have: number } {
  const merged = mergePanes(windows);
  const ratios: number[] = [];
  let [degrees, used] = [0, 0];
  for (const window of windows) {
    const { a, b } = alignCounts(withoutPane(merged, window), window);
    const psi = populationStabilityIndex(a, b);
    if (psi.status !== 'ok' || psi.bins === undefined || psi.bins < 2) continue;
    ratios.push(psi.value / ((psi.bins - 1) * (1 / psi.n + 1 / psi.m)));
    degrees = Math.max(degrees, psi.bins - 1);
    used += 1;
  }
  if (used < MINIMUM) return { status: 'insufficient', need: MINIMUM, have: used };
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / used;
  const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / (used - 1);
  // Satterthwaite: the degrees of freedom that give the spread seen between windows.
  const df = variance > 0 ? Math.min(degrees, (2 * mean * mean) / variance) : degrees;
  return { status: 'ok', value: Math.max(1, mean), df: Math.max(LEAST_DEGREES, df), windows: used };
}

const MINIMUM = 3;
/** A few wild windows among many calm ones: hardly a degree of freedom, and a very long tail. */
const LEAST_DEGREES = 0.05;
