import type { Detector, DetectorState } from '../detector.ts';
import { requireBit } from '../detector.ts';

export interface EwmaChartOptions {
  /** No signal before this many elements. */
  readonly minElements: number;
  /** Weight of the newest element in the moving average. */
  readonly lambda: number;
}

export interface EwmaChartState extends DetectorState {
  readonly n: number;
  readonly errors: number;
  readonly average: number;
}

/**
 * EWMA chart (ECDD): compares an exponentially weighted error rate with the overall one, and alarms
 * above a control limit that depends on the overall rate.
 *
 * Plain meaning: the limit polynomial was fitted by its authors so that a false alarm comes about every
 * 400 elements at any rate. That makes it the quickest of all and useless for paging. Gives MOA's alarms;
 * rises only.
 *
 * Misleads: measured 276 to 350 false alarms per 100,000 elements; with few errors a single one can
 * alarm. Take `focus` unless something cheap decides what to do with hundreds of alarms.
 *
 * Source: Ross, Adams, Tasoulis, Hand (2012), Exponentially weighted moving average charts for detecting
 * concept drift, Pattern Recognition Letters 33, doi:10.1016/j.patrec.2011.08.019.
 */
export function ewmaChart(options: Partial<EwmaChartOptions> = {}): Detector<EwmaChartState> {
  const { minElements, lambda } = { ...EWMA_CHART_DEFAULTS, ...options };
  return {
    name: 'ewma-chart',
    reads: 'bit',
    start: () => FRESH,
    update(before, x) {
      requireBit(x, 'ewma-chart');
      const state = before.signal === 'drift' ? FRESH : before;
      const n = state.n + 1;
      const errors = state.errors + x;
      const average = state.average + lambda * (x - state.average);
      const p = errors / n;
      const sd = Math.sqrt((p * (1 - p) * lambda * (1 - (1 - lambda) ** (2 * n))) / (2 - lambda));
      const limit = controlLimit(p) * sd;
      return { signal: judge(n + 1 > minElements, average - p, limit), n, errors, average };
    },
  };
}

export const EWMA_CHART_DEFAULTS: EwmaChartOptions = { minElements: 30, lambda: 0.2 };

/** Half the limit warns. */
function judge(ready: boolean, excess: number, limit: number): 'none' | 'warning' | 'drift' {
  if (ready && excess > limit) return 'drift';
  return ready && excess > 0.5 * limit ? 'warning' : 'none';
}

/** Standard deviations that give a run length of 400 at overall error rate p, for lambda 0.2. */
function controlLimit(p: number): number {
  return 3.97 - 6.56 * p + 48.73 * p ** 3 - 330.13 * p ** 5 + 848.18 * p ** 7;
}

const FRESH: EwmaChartState = { signal: 'none', n: 0, errors: 0, average: 0 };
