import type { Detector, DetectorState } from '../detector.ts';
import { requireBit } from '../detector.ts';
import { NO_BITS, newestBits, type RecentBits, withBit } from './recent-bits.ts';

export interface RddmOptions {
  readonly minElements: number;
  readonly warningLevel: number;
  readonly driftLevel: number;
  /** A concept longer than this is shortened to its newest `stableConcept` elements. */
  readonly maxConcept: number;
  readonly stableConcept: number;
  /** A warning that lasts this many elements becomes an alarm. */
  readonly warnLimit: number;
}

export interface RddmState extends DetectorState {
  readonly n: number;
  readonly rate: number;
  readonly best: { readonly rate: number; readonly sd: number } | null;
  /** Elements since the warning began, that element included; 0 when there is none. */
  readonly warned: number;
  /** Newest elements to read again before the next one, and whether the best rate is forgotten first. */
  readonly replay: number;
  readonly forget: boolean;
  /** At most `stableConcept` of them. */
  readonly recent: RecentBits;
}

/**
 * RDDM: DDM that does not grow stiff. A concept longer than 40,000 elements is recomputed from its newest
 * 7,000, a warning longer than 1,400 becomes an alarm, and after an alarm the elements read during the
 * warning already count for the new concept.
 *
 * Plain meaning: reacts to a small rise like CUSUM where DDM takes thousands of elements. Gives MOA's
 * alarms.
 *
 * Misleads: its levels (1.77 and 2.26 standard deviations) are low: measured 6.5 to 9 false alarms per
 * 100,000 elements; falls are found only by accident. Take `focus`.
 *
 * Source: Barros, Cabral, Goncalves, Santos (2017), RDDM: reactive drift detection method, Expert Systems
 * with Applications 90, doi:10.1016/j.eswa.2017.08.023.
 */
export function rddm(options: Partial<RddmOptions> = {}): Detector<RddmState> {
  const settings = { ...RDDM_DEFAULTS, ...options };
  return {
    name: 'rddm',
    reads: 'bit',
    start: () => FRESH,
    update(before, x) {
      requireBit(x, 'rddm');
      const state = before.replay > 0 ? readAgain(before, settings) : before;
      return judge(learn(state, x, settings.stableConcept), settings);
    },
  };
}

export const RDDM_DEFAULTS: RddmOptions = {
  minElements: 129,
  warningLevel: 1.773,
  driftLevel: 2.258,
  maxConcept: 40_000,
  stableConcept: 7_000,
  warnLimit: 1_400,
};

function learn(state: RddmState, x: number, most: number): RddmState {
  const n = state.n + 1;
  return { ...state, n, rate: state.rate + (x - state.rate) / n, recent: withBit(state.recent, x, most) };
}

/** Starts the concept afresh from the newest `replay` elements. */
function readAgain(before: RddmState, settings: RddmOptions): RddmState {
  let n = 0;
  let rate = 0;
  let best = before.forget ? null : before.best;
  for (const x of newestBits(before.recent, before.replay)) {
    n += 1;
    rate += (x - rate) / n;
    if (before.forget && n > settings.minElements) best = better(best, rate, deviation(rate, n));
  }
  const recent = { ...before.recent, count: before.replay };
  return { signal: 'none', n, rate, best, warned: 0, replay: 0, forget: false, recent };
}

function judge(state: RddmState, settings: RddmOptions): RddmState {
  const warned = state.warned === 0 ? 0 : state.warned + 1;
  if (state.n + 1 <= settings.minElements) return { ...state, signal: 'none', warned };
  const sd = deviation(state.rate, state.n);
  const best = better(state.best, state.rate, sd);
  const now = state.rate + sd;
  if (now > best.rate + settings.driftLevel * best.sd) {
    return { ...state, signal: 'drift', best, warned, replay: Math.max(1, warned), forget: true };
  }
  if (now > best.rate + settings.warningLevel * best.sd) {
    if (warned > settings.warnLimit) {
      return { ...state, signal: 'drift', best, warned: 0, replay: 1, forget: true };
    }
    return { ...state, signal: 'warning', best, warned: Math.max(1, warned) };
  }
  const replay = state.n + 1 > settings.maxConcept ? state.recent.count : 0;
  return { ...state, signal: 'none', best, warned: 0, replay };
}

function better(best: RddmState['best'], rate: number, sd: number): { rate: number; sd: number } {
  return best === null || rate + sd < best.rate + best.sd ? { rate, sd } : best;
}

function deviation(rate: number, n: number): number {
  return Math.sqrt((rate * (1 - rate)) / n);
}

const FRESH: RddmState = {
  signal: 'none',
  n: 0,
  rate: 0,
  best: null,
  warned: 0,
  replay: 0,
  forget: false,
  recent: NO_BITS,
};
