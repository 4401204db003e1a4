import type { Detector, DetectorState } from '../detector.ts';
import { requireBit } from '../detector.ts';

export interface DdmOptions {
  /** Elements read before anything is judged. */
  readonly warmStart: number;
  /** Standard deviations above the best state that warn and alarm. */
  readonly warningLevel: number;
  readonly driftLevel: number;
}

export interface DdmState extends DetectorState {
  readonly n: number;
  readonly rate: number;
  /** Rate and standard deviation where their sum was smallest; null until warm. */
  readonly best: { readonly rate: number; readonly sd: number } | null;
}

/**
 * DDM: remembers the best error rate since the start and alarms when the overall rate is now three
 * standard deviations worse.
 *
 * Plain meaning: the oldest of the error-rate detectors, kept for comparison. Gives River's (and MOA's)
 * alarms.
 *
 * Misleads: it compares averages over everything since the last alarm, so after a long calm stretch it
 * needs thousands of elements; it never sees a fall; early in the stream it alarms on noise. Measured
 * 1.4 to 2.5 false alarms per 100,000, and it missed a rise from .2 to .25 in a third of the streams.
 * Take `focus`.
 *
 * Source: Gama, Medas, Castillo, Rodrigues (2004), Learning with drift detection, SBIA,
 * doi:10.1007/978-3-540-28645-5_29.
 */
export function ddm(options: Partial<DdmOptions> = {}): Detector<DdmState> {
  const settings = { ...DDM_DEFAULTS, ...options };
  return {
    name: 'ddm',
    reads: 'bit',
    start: () => FRESH,
    update(before, x) {
      requireBit(x, 'ddm');
      const state = before.signal === 'drift' ? FRESH : before;
      const n = state.n + 1;
      const rate = state.rate + (1 / n) * (x - state.rate);
      if (n <= settings.warmStart) return { signal: 'none', n, rate, best: null };
      const sd = Math.sqrt((rate * (1 - rate)) / n);
      const better = state.best === null || rate + sd <= state.best.rate + state.best.sd;
      const best = better || state.best === null ? { rate, sd } : state.best;
      return { signal: judge(rate + sd, best, settings), n, rate, best };
    },
  };
}

export const DDM_DEFAULTS: DdmOptions = { warmStart: 30, warningLevel: 2, driftLevel: 3 };

function judge(now: number, best: { rate: number; sd: number }, settings: DdmOptions): DdmState['signal'] {
  if (now > best.rate + settings.driftLevel * best.sd) return 'drift';
  return now > best.rate + settings.warningLevel * best.sd ? 'warning' : 'none';
}

const FRESH: DdmState = { signal: 'none', n: 0, rate: 0, best: null };
