import type { Detector, DetectorState } from '../detector.ts';
import { requireBit } from '../detector.ts';

export interface StepdOptions {
  readonly windowSize: number;
  /** Standard normal quantiles of the two-sided levels: .003 for the alarm, .05 for the warning. */
  readonly driftZ: number;
  readonly warningZ: number;
  /**
   * MOA takes the size of the statistic after the continuity correction, so that no difference at all
   * counts as a strong one when errors are very rare, and a constant stream alarms every 60 elements.
   * True reproduces that for comparison.
   */
  readonly likeMoa: boolean;
}

export interface StepdState extends DetectorState {
  /** The newest elements, oldest first. */
  readonly window: readonly number[];
  readonly recentErrors: number;
  readonly olderErrors: number;
  readonly older: number;
}

/**
 * STEPD: tests whether the error rate of the last 30 elements equals that of all before them (two
 * proportions, continuity corrected).
 *
 * Plain meaning: a significance test repeated at every element without any correction for repeating.
 * Gives MOA's alarms, except where MOA's statistic is undefined (see `likeMoa`).
 *
 * Misleads: 32 to 37 false alarms per 100,000 elements were measured; thirty elements cannot show a
 * small change. Take `focus`.
 *
 * Source: Nishida, Yamauchi (2007), Detecting concept drift using statistical testing, Discovery Science,
 * doi:10.1007/978-3-540-75488-6_27.
 */
export function stepd(options: Partial<StepdOptions> = {}): Detector<StepdState> {
  const settings = { ...STEPD_DEFAULTS, ...options };
  const { windowSize } = settings;
  return {
    name: 'stepd',
    reads: 'bit',
    start: () => FRESH,
    update(before, x) {
      requireBit(x, 'stepd');
      const state = before.signal === 'drift' ? FRESH : before;
      const full = state.window.length === windowSize;
      const leaving = full ? (state.window[0] ?? 0) : 0;
      const window = full ? state.window.slice(1) : state.window.slice();
      window.push(x);
      const recentErrors = state.recentErrors + x - leaving;
      const olderErrors = state.olderErrors + leaving;
      const older = state.older + (full ? 1 : 0);
      const read = { window, recentErrors, olderErrors, older };
      if (older < windowSize) return { signal: 'none', ...read };
      return { signal: judge(statistic(read, settings.likeMoa), settings), ...read };
    },
  };
}

export const STEPD_DEFAULTS: StepdOptions = {
  windowSize: 30,
  driftZ: 2.9677379253417833,
  warningZ: 1.9599639845400545,
  likeMoa: false,
};

function judge(z: number, settings: StepdOptions): StepdState['signal'] {
  if (z > settings.driftZ) return 'drift';
  return z > settings.warningZ ? 'warning' : 'none';
}

function statistic(read: Omit<StepdState, 'signal'>, likeMoa: boolean): number {
  const recent = read.window.length;
  const right = read.older - read.olderErrors;
  const rightNow = recent - read.recentErrors;
  const inverse = 1 / read.older + 1 / recent;
  const pooled = (right + rightNow) / (read.older + recent);
  const gap = Math.abs(right / read.older - rightNow / recent) - inverse / 2;
  const sd = Math.sqrt(pooled * (1 - pooled) * inverse);
  if (likeMoa) return sd === 0 ? Number.MAX_VALUE : Math.abs(gap / sd);
  return sd === 0 || gap <= 0 ? 0 : gap / sd;
}

const FRESH: StepdState = { signal: 'none', window: [], recentErrors: 0, olderErrors: 0, older: 0 };
