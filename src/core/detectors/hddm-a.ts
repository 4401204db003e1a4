import type { Detector, DetectorState } from '../detector.ts';
import { requireBit } from '../detector.ts';

export interface HddmAOptions {
  readonly driftConfidence: number;
  readonly warningConfidence: number;
  /** Rises only, or falls as well. */
  readonly sides: 'rise' | 'both';
}

interface Average {
  readonly n: number;
  readonly mean: number;
}

export interface HddmAState extends DetectorState {
  readonly all: Average;
  /** The beginning of the stream at which the rate was surely lowest, and highest. */
  readonly lowest: Average;
  readonly highest: Average;
}

/**
 * HDDM-A: compares the mean of the whole stream with the beginning of it that had the lowest upper
 * bound, by Hoeffding's inequality.
 *
 * Plain meaning: makes no assumption on the law of the errors, pays for it with patience. Gives River's
 * and MOA's alarms; rises only by default.
 *
 * Misleads: it dilutes a change by everything before it, so small ones after a long calm take long;
 * falls are seen only with `sides: 'both'`, and late. Measured .03 to .4 false alarms per 100,000.
 * Take `focus`.
 *
 * Source: Frias-Blanco, del Campo-Avila, Ramos-Jimenez, Morales-Bueno, Ortiz-Diaz, Caballero-Mota (2015),
 * Online and non-parametric drift detection methods based on Hoeffding's bounds, IEEE TKDE 27,
 * doi:10.1109/TKDE.2014.2345382.
 */
export function hddmA(options: Partial<HddmAOptions> = {}): Detector<HddmAState> {
  const settings = { ...HDDM_A_DEFAULTS, ...options };
  const bound = (n: number): number => Math.sqrt((1 / (2 * n)) * Math.log(1 / settings.driftConfidence));
  return {
    name: 'hddm-a',
    reads: 'bit',
    start: () => FRESH,
    update(before, x) {
      requireBit(x, 'hddm-a');
      const state = before.signal === 'drift' ? FRESH : before;
      const n = state.all.n + 1;
      const all = { n, mean: state.all.mean + (1 / n) * (x - state.all.mean) };
      const low = state.lowest.n === 0 ? all : state.lowest;
      const high = state.highest.n === 0 ? all : state.highest;
      const eps = bound(n);
      const lowest = low.mean + bound(low.n) >= all.mean + eps ? all : low;
      const highest = high.mean - bound(high.n) <= all.mean - eps ? all : high;
      return { signal: judge(lowest, highest, all, settings), all, lowest, highest };
    },
  };
}

export const HDDM_A_DEFAULTS: HddmAOptions = {
  driftConfidence: 0.001,
  warningConfidence: 0.005,
  sides: 'rise',
};

function judge(
  lowest: Average,
  highest: Average,
  all: Average,
  settings: HddmAOptions,
): HddmAState['signal'] {
  const both = settings.sides === 'both';
  const rise = all.mean - lowest.mean;
  const fall = highest.mean - all.mean;
  const over = (confidence: number): boolean =>
    differs(rise, lowest, all, confidence) || (both && differs(fall, highest, all, confidence));
  if (over(settings.driftConfidence)) return 'drift';
  return over(settings.warningConfidence) ? 'warning' : 'none';
}

function differs(gap: number, part: Average, all: Average, confidence: number): boolean {
  if (part.n === all.n) return false;
  const share = ((all.n - part.n) / part.n) * (1 / all.n);
  return gap >= Math.sqrt((share / 2) * Math.log(2 / confidence));
}

const FRESH: HddmAState = {
  signal: 'none',
  all: { n: 0, mean: 0 },
  lowest: { n: 0, mean: 0 },
  highest: { n: 0, mean: 0 },
};
