import type { PastWindow } from '../evidence/baseline.ts';
import { type StandardScore, standardScores } from '../evidence/standard-scores.ts';
import {
  addEvidence,
  type EvidenceState,
  learnedTolerance,
  NO_EVIDENCE,
} from '../evidence/window-evidence.ts';
import type { Insufficient } from '../evidence/window-judgement.ts';
import { normalSf } from '../special/normal.ts';
import { dependenceOf } from './joint-components.ts';
import { commonParts, type JointPast } from './joint-past.ts';
import { moderatedBaseline } from './moderated-baseline.ts';

/**
 * Do features go together as they did in past windows, or in the windows of a training snapshot? Judged like any
 * other stream within the paging budget: every pair and wave against past windows of the same season, with the variance
 * that windows have shown, by this window alone (the largest score, Bonferroni over all) or by evidence over windows.
 * `drift` also needs a change of dependence of at least `floor`, in units of a correlation, and lasts until its windows
 * so far, the last `closeAfter` at most, are together back below it.
 *
 * A change that comes as slowly as the trailing windows move is not seen.
 */
export function judgeJointWindow(args: {
  state: JointState;
  startMs: number;
  window: PastWindow;
  past: JointPast;
  limits: JointWindowLimits;
}): { state: JointState; judgement: JointJudgement } {
  const { limits, startMs } = args;
  const rows = args.window.components[0]?.rows ?? 0;
  const m = args.past.rows;
  const lacking = (need: number, have: number, why: string) => ({
    state: args.state,
    judgement: { verdict: 'insufficient', need, have, why, n: rows, m } as const,
  });
  if (rows < limits.minimumRows)
    return lacking(limits.minimumRows, rows, 'rows in the current window of features that vary');
  if (args.past.windows < limits.minimumWindows)
    return lacking(limits.minimumWindows, args.past.windows, 'windows in the reference');

  const baseline = moderatedBaseline(commonParts(args.past.baseline));
  const window = args.window.components.filter(({ name }) => baseline.components.has(name));
  const { season } = args.window;
  const scores = standardScores({ window, season, baseline });
  if (scores.length === 0) return lacking(limits.minimumWindows, 0, 'earlier windows of this season');
  // A frozen past is off by its own sampling error for ever; see window-evidence.
  const tolerance = args.past.frozen ? learnedTolerance(baseline) : () => 0;
  const evidence = addEvidence({ state: args.state.evidence, window, scores, tolerance });
  const sinceMs = evidence.mean < ONSET ? undefined : (args.state.sinceMs ?? startMs);
  const now = { startMs, season, components: window };
  const recent = [...args.state.recent, now].slice(-limits.closeAfter);
  const levelOf = (name: string) => baseline.components.get(name);
  const changeOver = (name: string, windows: readonly RecentWindow[]): Change =>
    changeOf({ name, windows, usual: (at) => levelOf(name)?.means[at]?.mean });

  const alone = largest(scores, tolerance);
  const fast = alone.pValue < limits.alpha && isLarge(changeOver(alone.name, [now]), limits);
  const since = recent.filter((one) => sinceMs === undefined || one.startMs >= sinceMs);
  const enough = evidence.mean >= limits.evidenceAt;
  const slow = enough && isLarge(changeOver(evidence.leader, since), limits);
  const { alarmed: before, alarmedMs = startMs } = args.state;
  const sinceAlarm = recent.filter((one) => one.startMs >= alarmedMs);
  const lasting = before !== '' && isLarge(changeOver(before, sinceAlarm), limits);
  const alarmed = fast ? alone.name : slow ? evidence.leader : lasting ? before : '';
  const name = alarmed === '' ? alone.name : alarmed;
  return {
    state: {
      evidence: slow ? NO_EVIDENCE : evidence,
      recent,
      alarmed,
      ...(alarmed === '' ? {} : { alarmedMs: lasting ? alarmedMs : startMs }),
      ...(sinceMs === undefined || slow ? {} : { sinceMs }),
    },
    judgement: {
      verdict: alarmed === '' ? 'ok' : 'drift',
      name,
      change: changeOver(name, fast || alarmed === '' ? [now] : slow ? since : sinceAlarm),
      pValue: alone.pValue,
      evidence: evidence.mean,
      channel: fast ? 'window' : slow ? 'windows' : lasting ? 'lasting' : 'none',
      tested: scores.length,
      sinceMs: slow ? (sinceMs ?? startMs) : startMs,
      n: rows,
      m,
    },
  };
}

export interface JointWindowLimits {
  readonly minimumRows: number;
  readonly minimumWindows: number;
  /** p-value below which a window alone counts. */
  readonly alpha: number;
  readonly evidenceAt: number;
  /** Smallest change of dependence that counts, in units of a correlation. */
  readonly floor: number;
  readonly closeAfter: number;
}

export interface JointState {
  readonly evidence: EvidenceState;
  readonly sinceMs?: number;
  readonly recent: readonly RecentWindow[];
  /** Component of the drift that lasts; empty without one. */
  readonly alarmed: string;
  /** Start of the window in which it was found. */
  readonly alarmedMs?: number;
}

export const NO_JOINT: JointState = { evidence: NO_EVIDENCE, recent: [], alarmed: '' };

interface RecentWindow extends PastWindow {
  readonly startMs: number;
}

export interface Change {
  /** Dependence over the windows, and what was usual; -1 to 1. */
  readonly current: number;
  readonly usual: number;
}

export type JointJudgement =
  | {
      readonly verdict: 'ok' | 'drift';
      /** Component that moved most. */
      readonly name: string;
      readonly change: Change;
      readonly pValue: number;
      readonly evidence: number;
      readonly channel: 'none' | 'window' | 'windows' | 'lasting';
      /** Components with a score. */
      readonly tested: number;
      readonly sinceMs: number;
      readonly n: number;
      readonly m: number;
    }
  | Insufficient;

function largest(
  scores: readonly StandardScore[],
  tolerance: (name: string) => number,
): { name: string; pValue: number } {
  let best = { name: scores[0]?.name ?? '', z: 0 };
  let tested = 0;
  for (const { name, z, effectiveRows } of scores) {
    if (effectiveRows < EFFECTIVE_ROWS) continue;
    tested += 1;
    const beyond = Math.max(0, Math.abs(z) - tolerance(name));
    if (beyond > best.z) best = { name, z: beyond };
  }
  return { name: best.name, pValue: tested === 0 ? 1 : Math.min(1, 2 * tested * normalSf(best.z)) };
}

/** Mean over the windows, each against what is usual in its season. */
function changeOf(args: {
  name: string;
  windows: readonly RecentWindow[];
  usual: (season: number) => number | undefined;
}): Change {
  let [rows, current, usual] = [0, 0, 0];
  for (const { season, components } of args.windows) {
    const component = components.find(({ name }) => name === args.name);
    const level = args.usual(season);
    if (component === undefined || level === undefined) continue;
    rows += component.rows;
    current += component.rows * dependenceOf(args.name, component.mean);
    usual += component.rows * dependenceOf(args.name, level);
  }
  return rows === 0 ? { current: 0, usual: 0 } : { current: current / rows, usual: usual / rows };
}

function isLarge({ current, usual }: Change, { floor }: JointWindowLimits): boolean {
  return Math.abs(current - usual) >= floor;
}

/** Evidence below which nothing is considered to be under way. */
const ONSET = 3;
/** Effective rows below which a component of one window says nothing alone. */
const EFFECTIVE_ROWS = 20;
