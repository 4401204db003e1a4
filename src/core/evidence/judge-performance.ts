import type { Baseline } from './baseline.ts';
import type { Component } from './components.ts';
import { type EvidenceState, gatherEvidence, NO_EVIDENCE } from './window-evidence.ts';

/**
 * Performance of one window of labels against what the serving version did on its validation rows.
 *
 * Two series are judged alike: the log-loss in excess of what the predictions imply, and the calibration gap
 * (mean prediction minus mean label). Both are 0 for a model that still is calibrated; how much windows differ without any
 * change is learned from earlier label windows, so a stormy day is not a changed world. `drift` needs
 * evidence over windows, or the stream detector's alarm, and a mean over the last `closeAfter` windows
 * that is off by at least the floor; it lasts until that mean is back.
 */
export function judgePerformance(args: {
  state: SeriesState;
  startMs: number;
  window: { readonly sum: number; readonly squares: number; readonly n: number };
  expected: { readonly mean: number; readonly windows: number };
  past: readonly { readonly mean: number; readonly rows: number }[];
  alarm: boolean;
  limits: {
    minimumRows: number;
    minimumWindows: number;
    evidenceAt: number;
    floor: number;
    closeAfter: number;
  };
}): { state: SeriesState; judgement: SeriesJudgement } {
  const { window, expected, limits, startMs } = args;
  if (window.n < limits.minimumRows)
    return { state: args.state, judgement: short(limits.minimumRows, window.n, 'labelled rows', window.n) };
  const mean = window.sum / window.n;
  const recent = [...args.state.recent, { startMs, sum: window.sum, n: window.n }].slice(-limits.closeAfter);
  const level = recent.reduce((sum, w) => sum + w.sum, 0) / recent.reduce((sum, w) => sum + w.n, 0);
  const effect = level - expected.mean;
  const enough = args.past.length >= limits.minimumWindows;
  const baseline = baselineOf(args);
  // Both levels are means over few windows and off by their spread: an alarm of the stream alone must clear that too.
  const spread = baseline.components.get('mean')?.variance ?? 0;
  const noise = 2 * Math.sqrt(spread * (1 / recent.length + 1 / expected.windows));
  const settled = recent.length >= limits.closeAfter;
  const large = settled && Math.abs(effect) >= limits.floor;
  const alarm = args.alarm && enough && Math.abs(effect) >= noise;
  const rowVariance = Math.max(0, window.squares / window.n - mean * mean);
  const component: Component = { name: 'mean', law: 'mean', mean, rowVariance, rows: window.n };
  const evidence = enough
    ? gatherEvidence({
        state: args.state.evidence,
        window: [component],
        season: 0,
        baseline: baselineOf(args),
        frozen: true,
      })
    : NO_EVIDENCE;
  const slow = evidence.mean >= limits.evidenceAt && large;
  const lasting = args.state.alarmed !== 0 && args.state.alarmed === Math.sign(effect);
  const alarmed = large && (slow || alarm || lasting);
  const since = evidence.mean < ONSET ? undefined : (args.state.sinceMs ?? startMs);
  const state: SeriesState = {
    evidence: slow ? NO_EVIDENCE : evidence,
    recent,
    alarmed: alarmed ? signOf(effect) : 0,
    ...(since === undefined || slow ? {} : { sinceMs: since }),
  };
  if (!alarmed && !enough) {
    return {
      state,
      judgement: short(limits.minimumWindows, args.past.length, 'earlier label windows', window.n),
    };
  }
  const channel = slow ? 'windows' : alarm && large ? 'stream' : alarmed ? 'lasting' : 'none';
  const sinceMs = slow ? (since ?? startMs) : startMs;
  return {
    state,
    judgement: {
      verdict: alarmed ? 'drift' : 'ok',
      mean,
      level,
      effect,
      evidence: evidence.mean,
      channel,
      sinceMs,
      n: window.n,
    },
  };
}

export const FIRST_SERIES: SeriesState = { evidence: NO_EVIDENCE, recent: [], alarmed: 0 };

export interface SeriesState {
  readonly evidence: EvidenceState;
  readonly sinceMs?: number;
  readonly recent: readonly { readonly startMs: number; readonly sum: number; readonly n: number }[];
  /** Direction of the drift that lasts, 0 without one. */
  readonly alarmed: -1 | 0 | 1;
}

export type SeriesJudgement =
  | {
      readonly verdict: 'ok' | 'drift';
      /** Mean of this window. */
      readonly mean: number;
      /** Mean of the last windows together. */
      readonly level: number;
      /** Level minus expected, in the unit of the series. */
      readonly effect: number;
      readonly evidence: number;
      readonly channel: 'none' | 'windows' | 'stream' | 'lasting';
      readonly sinceMs: number;
      readonly n: number;
    }
  | {
      readonly verdict: 'insufficient';
      readonly need: number;
      readonly have: number;
      readonly why: string;
      readonly n: number;
    };

/** Level from the validation, variance and dependence from earlier label windows. */
function baselineOf(args: {
  expected: { mean: number; windows: number };
  past: readonly { mean: number; rows: number }[];
}): Baseline {
  const { past, expected } = args;
  const centre = past.reduce((sum, window) => sum + window.mean, 0) / Math.max(1, past.length);
  const residuals = past.map((window) => window.mean - centre);
  const squares = residuals.reduce((sum, r) => sum + r * r, 0);
  const df = Math.max(0, past.length - 1);
  let products = 0;
  for (let i = 1; i < residuals.length; i += 1) products += (residuals[i] ?? 0) * (residuals[i - 1] ?? 0);
  const autocorrelation = squares === 0 ? 0 : Math.min(0.95, Math.max(0, products / squares));
  const means = [{ mean: expected.mean, windows: expected.windows }];
  const variance = df === 0 ? 0 : squares / df;
  return {
    windows: expected.windows,
    df,
    components: new Map([['mean', { means, variance, autocorrelation }]]),
  };
}

function signOf(x: number): -1 | 0 | 1 {
  if (x === 0) return 0;
  return x > 0 ? 1 : -1;
}

function short(need: number, have: number, why: string, n: number): SeriesJudgement {
  return { verdict: 'insufficient', need, have, why, n };
}

/** Evidence below which nothing is considered to be under way. */
const ONSET = 3;
