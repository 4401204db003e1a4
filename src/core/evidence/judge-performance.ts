import type { Baseline } from './baseline.ts';
import type { Component } from './components.ts';
import { fitWanderingLevel, newsOf, type WanderingLevel } from './wandering-level.ts';
import { type EvidenceState, gatherEvidence, NO_EVIDENCE } from './window-evidence.ts';

/**
 * Performance of one window of labels against what the serving version did on its validation rows.
 *
 * Two series are judged alike: the log-loss in excess of what the predictions imply, and the calibration gap
 * (mean prediction minus mean label). Both are 0 for a model that still is calibrated; how much windows differ without any
 * change is learned from earlier label windows, so a stormy day is not a changed world; not from the newest, in which a
 * change that has just come would pass for spread. A window counts by what it says that those before it did not (see
 * wandering-level), so that a stormy week is not evidence seven times over. Windows of a drift that was found, from its
 * onset to its end, say nothing of what windows are like without a change: nothing is learned from them. `drift` needs
 * evidence over windows and a mean over the last `closeAfter` windows that is off by at least the floor; it lasts
 * until that mean is back. A detector on the stream of losses has no say: how often it alarms falsely is known for
 * independent losses only, so the paging budget could not hold.
 */
export function judgePerformance(args: {
  state: SeriesState;
  startMs: number;
  window: { readonly sum: number; readonly squares: number; readonly n: number };
  expected: { readonly mean: number; readonly windows: number };
  /** Earlier windows, in order of time. */
  past: readonly PastLosses[];
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
  const deviationOf = (one: PastLosses) => one.mean - expected.mean;
  const known = usualPast(args);
  // Across a gap windows pass for neighbours: one pair for every drift.
  const wandering = fitWanderingLevel({
    deviations: known.flat().map(deviationOf),
    noise: samplingVariance(known.flat()),
  });
  const baseline = baselineOf({ expected, known: known.map((run) => run.map(deviationOf)), wandering });
  const settled = recent.length >= limits.closeAfter;
  const large = settled && Math.abs(effect) >= limits.floor;
  const rowVariance = Math.max(0, window.squares / window.n - mean * mean);
  // What this window says that those before it did not.
  const news = mean - newsOf(args.past.map(deviationOf), wandering).next;
  const component: Component = { name: 'mean', law: 'mean', mean: news, rowVariance, rows: window.n };
  const evidence = enough
    ? gatherEvidence({
        state: args.state.evidence,
        window: [component],
        season: 0,
        baseline,
        frozen: true,
      })
    : NO_EVIDENCE;
  const slow = evidence.mean >= limits.evidenceAt && large;
  const lasting = args.state.alarmed !== 0 && args.state.alarmed === Math.sign(effect);
  const alarmed = slow || (large && lasting);
  const since = evidence.mean < ONSET ? undefined : (args.state.sinceMs ?? startMs);
  const state: SeriesState = {
    evidence: slow ? NO_EVIDENCE : evidence,
    recent,
    alarmed: alarmed ? signOf(effect) : 0,
    drifts: driftsAfter({ ...args, alarmed, sinceMs: since ?? startMs }),
    ...(since === undefined || slow ? {} : { sinceMs: since }),
  };
  if (!alarmed && !enough) {
    return {
      state,
      judgement: short(limits.minimumWindows, args.past.length, 'earlier label windows', window.n),
    };
  }
  const channel = slow ? 'windows' : alarmed ? 'lasting' : 'none';
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

/** An earlier window of the series. */
export interface PastLosses {
  readonly startMs: number;
  readonly mean: number;
  readonly rows: number;
  /** Variance of the rows of the window. */
  readonly rowVariance: number;
}

export const FIRST_SERIES: SeriesState = { evidence: NO_EVIDENCE, recent: [], alarmed: 0, drifts: [] };

export interface SeriesState {
  readonly evidence: EvidenceState;
  readonly sinceMs?: number;
  readonly recent: readonly { readonly startMs: number; readonly sum: number; readonly n: number }[];
  /** Direction of the drift that lasts, 0 without one. */
  readonly alarmed: -1 | 0 | 1;
  /** Drifts that were found, in order of time, as long as windows of theirs are among the earlier ones. */
  readonly drifts: readonly FoundDrift[];
}

/** From its onset to the first window without it; without an end it lasts. */
export interface FoundDrift {
  readonly fromMs: number;
  readonly untilMs?: number;
}

/** What a new version takes over: nothing but which earlier windows were in a drift, which ends with the old one. */
export function withNewVersion({ drifts }: SeriesState, startMs: number): SeriesState {
  return { ...FIRST_SERIES, drifts: drifts.map((drift) => ({ untilMs: startMs, ...drift })) };
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
      readonly channel: 'none' | 'windows' | 'lasting';
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

/**
 * Earlier windows that are learned from, in runs without a gap: neither the last `closeAfter`, nor those since evidence
 * began to gather, nor those of a drift that was found. As long as others are enough: where a drift has lasted so long
 * that hardly anything else is kept, its windows are all that there is.
 */
function usualPast(args: {
  state: SeriesState;
  past: readonly PastLosses[];
  limits: { minimumWindows: number; closeAfter: number };
}): readonly (readonly PastLosses[])[] {
  const { past, limits } = args;
  const sinceMs = args.state.sinceMs ?? Number.POSITIVE_INFINITY;
  const before = past.filter(({ startMs }) => startMs < sinceMs).length;
  const settled = Math.min(before, past.length - limits.closeAfter);
  const known = past.slice(0, Math.max(limits.minimumWindows, settled));
  const usual = withoutDrifts(known, args.state.drifts);
  const enough = usual.reduce((sum, run) => sum + run.length, 0) >= limits.minimumWindows;
  return enough ? usual : [known];
}

/** Runs of windows between the drifts. */
function withoutDrifts(
  windows: readonly PastLosses[],
  drifts: readonly FoundDrift[],
): readonly (readonly PastLosses[])[] {
  const starts = [
    Number.NEGATIVE_INFINITY,
    ...drifts.map(({ untilMs }) => untilMs ?? Number.POSITIVE_INFINITY),
  ];
  return starts
    .map((fromMs, at) => {
      const untilMs = drifts[at]?.fromMs ?? Number.POSITIVE_INFINITY;
      return windows.filter(({ startMs }) => startMs >= fromMs && startMs < untilMs);
    })
    .filter((run) => run.length > 0);
}

function driftsAfter(args: {
  state: SeriesState;
  past: readonly PastLosses[];
  alarmed: boolean;
  startMs: number;
  sinceMs: number;
}): readonly FoundDrift[] {
  const { alarmed, startMs } = args;
  const oldestMs = args.past[0]?.startMs ?? startMs;
  const drifts = args.state.drifts.filter(({ untilMs = startMs }) => untilMs > oldestMs);
  const last = drifts.at(-1);
  const lasts = last !== undefined && last.untilMs === undefined;
  if (alarmed) return lasts ? drifts : [...drifts, { fromMs: args.sinceMs }];
  return lasts ? [...drifts.slice(0, -1), { ...last, untilMs: startMs }] : drifts;
}

/** Level from the validation, spread of the news of a window from earlier label windows. */
function baselineOf(args: {
  expected: { mean: number; windows: number };
  /** Deviations of windows that followed each other. After a gap the level is the one claimed, as at the first. */
  known: readonly (readonly number[])[];
  wandering: WanderingLevel;
}): Baseline {
  const { expected } = args;
  const news = args.known.flatMap((run) => newsOf(run, args.wandering).news);
  const centre = news.reduce((sum, one) => sum + one, 0) / Math.max(1, news.length);
  const squares = news.reduce((sum, one) => sum + (one - centre) ** 2, 0);
  // The centre, the autocorrelation and the share that wanders are learned from them too.
  const df = Math.max(0, news.length - 3);
  const means = [{ mean: expected.mean, windows: expected.windows }];
  const variance = df === 0 ? 0 : squares / df;
  return {
    windows: expected.windows,
    df,
    components: new Map([['mean', { means, variance, autocorrelation: 0 }]]),
  };
}

/** How much means of these windows vary by their rows alone: on average. */
function samplingVariance(windows: readonly PastLosses[]): number {
  const sum = windows.reduce((total, { rowVariance, rows }) => total + rowVariance / Math.max(1, rows), 0);
  return sum / Math.max(1, windows.length);
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
