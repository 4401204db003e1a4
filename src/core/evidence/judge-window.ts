import { populationStabilityIndex } from '../statistics/population-stability-index.ts';
import { seasonOf } from '../windows/pane.ts';
import { alignCounts, mergePanes, type PaneCounts } from '../windows/pane-counts.ts';
import { type Component, components, DISTINCT } from './components.ts';
import { distinctShift } from './distinct-shift.ts';
import { type EffectSize, shareMoved, standardisedDifference } from './effect-size.ts';
import { NO_SCORES, newsScores, type PastScores } from './news-scores.ts';
import { oneShot } from './one-shot.ts';
import type { Reference } from './reference.ts';
import { standardScores } from './standard-scores.ts';
import { addEvidence, type EvidenceState, learnedTolerance, NO_EVIDENCE } from './window-evidence.ts';

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
  const effectAlone = effectOf({ ...effects, windows: [{ startMs, pane }] });
  const enough = evidence.mean >= limits.evidenceAt;
  const effectTogether = enough ? effectOf({ ...effects, windows: since(recent, sinceMs) }) : effectAlone;
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
  readonly recent: readonly { readonly startMs: number; readonly pane: PaneCounts }[];
  readonly alarmed: boolean;
}

export interface Limits {
  /** Length of a window. */
  readonly paneMs: number;
  readonly minimumRows: number;
  /** Past windows from which on a window is held against its seasonal class. */
  readonly minimumWindows: number;
  /** What holds before that. Say `independent-rows` only of rows that are, and have no season. */
  readonly startUp?: 'insufficient' | 'independent-rows';
  /** p-value below which a single window counts; see splitBudget. */
  readonly alpha: number;
  /** Evidence over windows that counts. */
  readonly evidenceAt: number;
  readonly effectFloor: { readonly [unit in EffectSize['unit']]: number };
  readonly closeAfter: number;
}

/** The index, or how many rows on each side it would need. */
export type Index =
  | { readonly status: 'ok'; readonly value: number; readonly bins: number }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number };

export type Judgement =
  | {
      readonly verdict: 'ok' | 'drift';
      readonly psi: Index;
      /** Different values of the window, and of past ones of its class; of categories only. */
      readonly distinct?: { readonly current: number; readonly usual: number };
      readonly pValue: number;
      readonly law: string;
      readonly effect: EffectSize;
      readonly evidence: number;
      readonly leader: string;
      readonly channel: 'none' | 'window' | 'windows' | 'lasting';
      /** Whether this window alone was tested, and whether it was added to the evidence: what the ledger counts. */
      readonly tests: { readonly window: 0 | 1; readonly windows: 0 | 1 };
      readonly sinceMs: number;
      readonly n: number;
      readonly m: number;
    }
  | {
      readonly verdict: 'insufficient';
      readonly need: number;
      readonly have: number;
      readonly why: string;
      readonly n: number;
      readonly m: number;
    };

function shortage({
  pane,
  reference,
  limits,
}: {
  pane: PaneCounts;
  reference: Reference;
  limits: Limits;
}): Judgement | undefined {
  const sizes = { n: pane.n, m: reference.merged.n };
  if (pane.n < limits.minimumRows) {
    return {
      verdict: 'insufficient',
      need: limits.minimumRows,
      have: pane.n,
      why: 'rows in the current window',
      ...sizes,
    };
  }
  const independent = limits.startUp === 'independent-rows' && reference.merged.n > 0;
  if (reference.windows < limits.minimumWindows && !independent) {
    return {
      verdict: 'insufficient',
      need: limits.minimumWindows,
      have: reference.windows,
      why: 'windows in the reference',
      ...sizes,
    };
  }
  return undefined;
}

/** Enough windows, but none of this hour or weekday, or no second one of any: nothing can be tested. */
function unseenSeason(args: { pane: PaneCounts; reference: Reference; season: number }): Judgement {
  const [first] = args.reference.baseline.components.values();
  const have = first?.means[args.season]?.windows ?? 0;
  return {
    verdict: 'insufficient',
    need: have + 1,
    have,
    why: 'earlier windows of the same season',
    n: args.pane.n,
    m: args.reference.merged.n,
  };
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

/** In sd when it is the location that moved, in different values when it is their number, else the share of rows that moved. */
function effectOf({
  reference,
  windows,
  evidence,
  limits,
}: {
  reference: Reference;
  windows: CellState['recent'];
  evidence: EvidenceState;
  limits: Limits;
}): EffectSize {
  const [first, ...others] = windows.map(({ pane }) => pane);
  const pane =
    first !== undefined && others.length === 0 ? first : mergePanes(windows.map((one) => one.pane));
  const moved = shareMoved({
    reference: reference.merged,
    current: pane,
    designEffect: reference.designEffect,
  });
  if (evidence.leader === 'location')
    return standardisedDifference({ reference: reference.merged, current: pane }) ?? moved;
  if (evidence.leader !== DISTINCT) return moved;
  const shift = distinctShift({ reference, windows });
  return shift !== undefined && isLarge(shift.effect, limits) ? shift.effect : moved;
}

function isLarge(effect: EffectSize, limits: Limits): boolean {
  return effect.value >= limits.effectFloor[effect.unit];
}

function isBack(args: { recent: CellState['recent']; reference: Reference; limits: Limits }): boolean {
  const merged = mergePanes(args.recent.map(({ pane }) => pane));
  const shift = standardisedDifference({ reference: args.reference.merged, current: merged });
  const moved = shareMoved({
    reference: args.reference.merged,
    current: merged,
    designEffect: args.reference.designEffect,
  });
  const distinct = distinctShift({ reference: args.reference, windows: args.recent });
  return [moved, shift, distinct?.effect].every(
    (effect) => effect === undefined || !isLarge(effect, args.limits),
  );
}

function since(recent: CellState['recent'], sinceMs: number | undefined): CellState['recent'] {
  return recent.filter(({ startMs }) => sinceMs === undefined || startMs >= sinceMs);
}

/** Mean evidence below which nothing is considered to be under way. */
const ONSET = 3;
