import { populationStabilityIndex } from '../statistics/population-stability-index.ts';
import { seasonOf } from '../windows/pane.ts';
import { alignCounts, type PaneCounts } from '../windows/pane-counts.ts';
import { type Component, components } from './components.ts';
import { distinctShift } from './distinct-shift.ts';
import { NO_SCORES, newsScores, type PastScores } from './news-scores.ts';
import { oneShot } from './one-shot.ts';
import type { Reference } from './reference.ts';
import { standardScores } from './standard-scores.ts';
import { isBack, isLarge, type RecentWindow, windowEffect } from './window-effect.ts';
import { addEvidence, type EvidenceState, learnedTolerance, NO_EVIDENCE } from './window-evidence.ts';
import { type Index, type Judgement, type Limits, shortage, unseenSeason } from './window-judgement.ts';

/**
 * Judges one window of one feature and segment against its reference, given what earlier windows said.
 *
 * `drift` needs evidence and effect. Evidence is one of two: this window alone (one-shot p-value below `alpha`,
 * see one-shot), or windows together (evidence at or above `evidenceAt`, see window-evidence). Both are against
 * what past windows of the same season were like, with tails by the effective number of rows, and against how the windows
 * judged before varied and followed each other (see news-scores). PSI on frozen bins
 * is the number of record; it decides nothing. Once found, a drift lasts until the last `closeAfter` windows
 * together are back below the effect floor.
 *
 * Too few rows is `insufficient` and changes no state. So are too few past windows, unless `startUp` says that
 * rows are independent and have no season: then a window is held against all rows so far.
 */
export function judgeWindow(args: {
  state: CellState;
  startMs: number;
  pane: PaneCounts;
  reference: Reference;
  limits: Limits;
}): { state: CellState; judgement: Judgement } {
  const { pane, reference, limits, startMs } = args;
  const short = shortage({ pane, reference, limits });
  if (short !== undefined) return { state: args.state, judgement: short };

  const { baseline, plan } = reference;
  const season = seasonOf(startMs, reference.season);
  const window = components({ plan, pane });
  const learning = reference.windows < limits.minimumWindows;
  const pooled = learning ? pooledComponents(reference) : undefined;
  const common = { baseline, ...(pooled === undefined ? {} : { pooled }) };
  const scores = standardScores({ window, season, ...common });
  if (scores.length === 0) return { state: args.state, judgement: unseenSeason({ pane, reference, season }) };
  const tolerance = toleranceOf({ reference, learning, rows: pane.n });
  // Rows said to be independent are taken at that word.
  const held = learning
    ? undefined
    : newsScores({
        scores,
        baseline,
        past: args.state.past?.scores ?? NO_SCORES,
        follows: startMs - (args.state.past?.startMs ?? startMs) === limits.paneMs,
      });
  const evidence = addEvidence({
    state: args.state.evidence,
    window,
    ...(held === undefined
      ? { scores, tolerance }
      : { scores: held.news, tolerance: held.inNews(tolerance) }),
  });
  const sinceMs = evidence.mean < ONSET ? undefined : (args.state.sinceMs ?? startMs);
  const recent = [...args.state.recent, { startMs, pane }].slice(-limits.closeAfter);

  const alone = oneShot({
    window: { season, components: window },
    scores: held?.own ?? scores,
    ...common,
    ...(reference.frozen ? { tolerance } : {}),
  });
  const pValue = alone.status === 'ok' ? alone.pValue : 1;
  const effects = { reference, evidence, limits };
  const effectAlone = windowEffect({ ...effects, windows: [{ startMs, pane }] });
  const enough = evidence.mean >= limits.evidenceAt;
  const effectTogether = enough ? windowEffect({ ...effects, windows: since(recent, sinceMs) }) : effectAlone;
  const fast = pValue < limits.alpha && isLarge(effectAlone, limits);
  const slow = enough && isLarge(effectTogether, limits);
  const lasting = args.state.alarmed && !isBack({ recent, reference, limits });

  const alarmed = fast || slow || lasting;
  const judgement: Judgement = {
    verdict: alarmed ? 'drift' : 'ok',
    psi: indexOf({ reference, pane }),
    ...distinctOf({ reference, startMs, pane }),
    pValue,
    law:
      alone.status === 'ok' ? alone.law : `none: ${Math.floor(alone.have)} of ${alone.need} effective rows`,
    effect: slow && !fast ? effectTogether : effectAlone,
    evidence: evidence.mean,
    leader: evidence.leader,
    channel: fast ? 'window' : slow ? 'windows' : lasting ? 'lasting' : 'none',
    tests: { window: alone.status === 'ok' ? 1 : 0, windows: 1 },
    sinceMs: slow && sinceMs !== undefined ? sinceMs : startMs,
    n: pane.n,
    m: reference.merged.n,
  };
  // After an alarm evidence starts afresh, so that the next one is about what comes next.
  const rest = slow ? { evidence: NO_EVIDENCE } : { evidence, ...(sinceMs === undefined ? {} : { sinceMs }) };
  return {
    state: {
      ...rest,
      ...(held === undefined ? {} : { past: { startMs, scores: held.past } }),
      recent,
      alarmed,
    },
    judgement,
  };
}

export const FIRST_WINDOW: CellState = { evidence: NO_EVIDENCE, recent: [], alarmed: false };

/** What a cell (model, kind, feature, segment) carries from window to window. Plain data. */
export interface CellState {
  readonly evidence: EvidenceState;
  /** Start of the window in which the present evidence began to gather. */
  readonly sinceMs?: number;
  /** How scores were in the windows judged so far, the newest of which starts at `startMs`; see news-scores. */
  readonly past?: { readonly startMs: number; readonly scores: PastScores };
  readonly recent: readonly RecentWindow[];
  readonly alarmed: boolean;
}

/** Means and variances of all rows of the reference. */
function pooledComponents({ plan, merged }: Reference): Component[] {
  return components({ plan, pane: merged });
}

/** A frozen reference is off by its own sampling error for ever (see window-evidence); others learn it away. */
function toleranceOf(args: {
  reference: Reference;
  learning: boolean;
  rows: number;
}): (name: string) => number {
  const { reference } = args;
  if (!reference.frozen) return () => 0;
  if (!args.learning) return learnedTolerance(reference.baseline);
  const tolerance = 3 * Math.sqrt(args.rows / reference.merged.n);
  return () => tolerance;
}

function indexOf({ reference, pane }: { reference: Reference; pane: PaneCounts }): Index {
  const { a, b } = alignCounts(reference.merged, pane);
  const psi = populationStabilityIndex(a, b);
  if (psi.status === 'ok') return { status: 'ok', value: psi.value, bins: psi.bins ?? a.length };
  return { status: 'insufficient', need: psi.need, have: psi.have };
}

function distinctOf(args: {
  reference: Reference;
  startMs: number;
  pane: PaneCounts;
}): Pick<Judgement & { verdict: 'ok' }, 'distinct'> {
  const { reference, ...window } = args;
  const shift = distinctShift({ reference, windows: [window] });
  return shift === undefined ? {} : { distinct: { current: shift.current, usual: shift.usual } };
}

function since(recent: readonly RecentWindow[], sinceMs: number | undefined): readonly RecentWindow[] {
  return recent.filter(({ startMs }) => sinceMs === undefined || startMs >= sinceMs);
}

/** Mean evidence below which nothing is considered to be under way. */
const ONSET = 3;
