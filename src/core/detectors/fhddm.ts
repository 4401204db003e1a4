import type { Detector, DetectorState } from '../detector.ts';
import { requireBit } from '../detector.ts';

export interface FhddmOptions {
  readonly windowSize: number;
  /** Chance allowed to Hoeffding's bound. */
  readonly confidence: number;
}

export interface FhddmState extends DetectorState {
  /** The newest elements, oldest first. */
  readonly window: readonly number[];
  readonly ones: number;
  /** Highest share of ones any full window has had. */
  readonly highest: number;
}

/**
 * FHDDM: alarms when the share of ones in the last 100 elements has fallen far below its own maximum.
 *
 * Plain meaning: its authors feed it 1 for a RIGHT prediction, so that a fall is bad. Like River, this
 * reads the bits as they come: fed error bits it finds falls of the error rate only; feed `1 - error` to
 * find rises.
 *
 * Misleads: the maximum over a long stream is itself luck, so it tires: stationary streams at .2 and .3
 * alarm; the other direction is never seen. Measured 0 to 1.3 false alarms per 100,000. Take `focus`.
 *
 * Source: Pesaranghader, Viktor (2016), Fast Hoeffding drift detection method for evolving data streams,
 * ECML PKDD, doi:10.1007/978-3-319-46227-1_7.
 */
export function fhddm(options: Partial<FhddmOptions> = {}): Detector<FhddmState> {
  const { windowSize, confidence } = { ...FHDDM_DEFAULTS, ...options };
  const allowed = Math.sqrt(Math.log(1 / confidence) / (2 * windowSize));
  return {
    name: 'fhddm',
    reads: 'bit',
    start: () => FRESH,
    update(before, x) {
      requireBit(x, 'fhddm');
      const state = before.signal === 'drift' ? FRESH : before;
      const full = state.window.length === windowSize;
      const window = full ? state.window.slice(1) : state.window.slice();
      window.push(x);
      const ones = state.ones + x - (full ? (state.window[0] ?? 0) : 0);
      if (window.length < windowSize) return { signal: 'none', window, ones, highest: state.highest };
      const share = ones / windowSize;
      const highest = Math.max(state.highest, share);
      return { signal: highest - share > allowed ? 'drift' : 'none', window, ones, highest };
    },
  };
}

export const FHDDM_DEFAULTS: FhddmOptions = { windowSize: 100, confidence: 0.000001 };

const FRESH: FhddmState = { signal: 'none', window: [], ones: 0, highest: 0 };
