import type { Detector, DetectorState } from '../detector.ts';
import { requireBit } from '../detector.ts';

export interface EddmOptions {
  /** Elements and errors read before anything is judged. */
  readonly warmStart: number;
  /** Share of the best distance below which it warns. */
  readonly warningLevel: number;
  /** Share of the best distance below which it alarms. */
  readonly driftLevel: number;
}

export interface EddmState extends DetectorState {
  readonly n: number;
  readonly errors: number;
  readonly lastError: number;
  readonly mean: number;
  readonly squares: number;
  /** Largest mean + 2 sd of the distances so far; -1 before the first. */
  readonly longest: number;
}

/**
 * EDDM: watches the distance between errors and alarms when errors come closer together than they once
 * did.
 *
 * Plain meaning: meant for slow worsening. This follows River (sample variance of the distances, the
 * first error counted from the start); MOA differs by a few elements from the second alarm on.
 *
 * Misleads: the best distance so far is a maximum of noise, so it alarms on stationary streams again and
 * again: measured 36 to 62 false alarms per 100,000 elements. It never sees a fall. Not for paging; take
 * `focus`.
 *
 * Source: Baena-Garcia, del Campo-Avila, Fidalgo, Bifet, Gavalda, Morales-Bueno (2006), Early drift
 * detection method, Workshop on Knowledge Discovery from Data Streams.
 */
export function eddm(options: Partial<EddmOptions> = {}): Detector<EddmState> {
  const settings = { ...EDDM_DEFAULTS, ...options };
  return {
    name: 'eddm',
    reads: 'bit',
    start: () => FRESH,
    update(before, x) {
      requireBit(x, 'eddm');
      const state = before.signal === 'drift' ? FRESH : before;
      const n = state.n + 1;
      // Without an error nothing is learned, so a warning stands until the next one.
      if (x === 0) return { ...state, n };
      const errors = state.errors + 1;
      const distance = n - state.lastError;
      const mean = state.mean + (1 / errors) * (distance - state.mean);
      const squares = state.squares + (distance - state.mean) * (distance - mean);
      const read = { n, errors, lastError: n, mean, squares };
      if (n <= settings.warmStart) return { ...read, signal: state.signal, longest: state.longest };
      const now = mean + 2 * (errors > 1 ? Math.sqrt(squares / (errors - 1)) : 0);
      if (now > state.longest) return { ...read, signal: state.signal, longest: now };
      if (errors <= settings.warmStart) return { ...read, signal: state.signal, longest: state.longest };
      return { ...read, signal: judge(now / state.longest, settings), longest: state.longest };
    },
  };
}

export const EDDM_DEFAULTS: EddmOptions = { warmStart: 30, warningLevel: 0.95, driftLevel: 0.9 };

function judge(level: number, settings: EddmOptions): EddmState['signal'] {
  if (level < settings.driftLevel) return 'drift';
  return level < settings.warningLevel ? 'warning' : 'none';
}

const FRESH: EddmState = {
  signal: 'none',
  n: 0,
  errors: 0,
  lastError: 0,
  mean: 0,
  squares: 0,
  longest: -1,
};
