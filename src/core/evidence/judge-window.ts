import { fSf } from '../special/f-tail.ts';
import { populationStabilityIndex } from '../statistics/population-stability-index.ts';
import { seasonOf } from '../windows/pane.ts';
import { alignCounts, mergePanes, type PaneCounts } from '../windows/pane-counts.ts';
import { components } from './components.ts';
import { type EffectSize, shareMoved, standardisedDifference } from './effect-size.ts';
import type { Reference } from './reference.ts';
import { type EvidenceState, gatherEvidence, NO_EVIDENCE } from './window-evidence.ts';

/**
 * Judges one window of one feature and segment against its reference, given what earlier windows said.
 *
 * The number of record is PSI on frozen bins with its two-sample p-value, the reference's own dependence
 * between windows taken into account. `drift` needs evidence and effect. Evidence is one of two: this
 * window alone (p below `alpha`), or windows together (evidence at or above `evidenceAt`, see
 * window-evidence). Once found, a drift lasts until the last `closeAfter` windows together are back below
 * the effect floor. Too few rows or too few past windows is `insufficient` and changes no state.
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

  const season = seasonOf(startMs, reference.season);
  const window = components({ kind: reference.kind, pane, reference: reference.merged });
  const { baseline, frozen } = reference;
  const evidence = gatherEvidence({ state: args.state.evidence, window, season, baseline, frozen });
  const sinceMs = evidence.mean < ONSET ? undefined : (args.state.sinceMs ?? startMs);
  const recent = [...args.state.recent, { startMs, pane }].slice(-limits.closeAfter);
  const law = twoSampleLaw({ reference, pane });

  const alone = effectOf({ reference, pane, evidence });
  const together = effectOf({ reference, pane: mergePanes(since(recent, sinceMs)), evidence });
  // With few effective rows a window is hardly more than one observation: no law for its tail holds.
  const location = baseline.components.get('location');
  const effectiveRows = Math.min(
    pane.n / reference.designEffect,
    location === undefined ? pane.n : 1 / location.variance,
  );
  const fast = effectiveRows >= EFFECTIVE_ROWS && law.pValue < limits.alpha && isLarge(alone, limits);
  const slow = evidence.mean >= limits.evidenceAt && isLarge(together, limits);
  const lasting = args.state.alarmed && !isBack({ recent, reference, evidence, limits });

  const alarmed = fast || slow || lasting;
  const effect = slow && !fast ? together : alone;
  const judgement: Judgement = {
    verdict: alarmed ? 'drift' : 'ok',
    ...law,
    effect,
    evidence: evidence.mean,
    leader: evidence.leader,
    channel: fast ? 'window' : slow ? 'windows' : lasting ? 'lasting' : 'none',
    sinceMs: slow && sinceMs !== undefined ? sinceMs : startMs,
    n: pane.n,
    m: reference.merged.n,
  };
  // After an alarm evidence starts afresh, so that the next one is about what comes next.
  const rest = slow ? { evidence: NO_EVIDENCE } : { evidence, ...(sinceMs === undefined ? {} : { sinceMs }) };
  return { state: { ...rest, recent, alarmed }, judgement };
}

export const FIRST_WINDOW: CellState = { evidence: NO_EVIDENCE, recent: [], alarmed: false };

/** What a cell (model, kind, feature, segment) carries from window to window. Plain data. */
export interface CellState {
  readonly evidence: EvidenceState;
  /** Start of the window in which the present evidence began to gather. */
  readonly sinceMs?: number;
  readonly recent: readonly { readonly startMs: number; readonly pane: PaneCounts }[];
  readonly alarmed: boolean;
}

export interface Limits {
  readonly minimumRows: number;
  readonly minimumWindows: number;
  /** Largest p-value of a single window that counts, after the number of cells tested. */
  readonly alpha: number;
  /** Evidence over windows that counts. */
  readonly evidenceAt: number;
  readonly effectFloor: { readonly sd: number; readonly share: number };
  readonly closeAfter: number;
}

export type Judgement =
  | {
      readonly verdict: 'ok' | 'drift';
      readonly psi: number;
      readonly pValue: number;
      readonly law: string;
      readonly bins: number;
      readonly effect: EffectSize;
      readonly evidence: number;
      readonly leader: string;
      readonly channel: 'none' | 'window' | 'windows' | 'lasting';
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
  if (reference.windows < limits.minimumWindows) {
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

/** PSI and its p-value; rows of one window that depend on each other are worth fewer, by the design effect. */
function twoSampleLaw({ reference, pane }: { reference: Reference; pane: PaneCounts }): {
  psi: number;
  pValue: number;
  law: string;
  bins: number;
} {
  const { a, b } = alignCounts(reference.merged, pane);
  const psi = populationStabilityIndex(a, b);
  if (psi.status !== 'ok') return { psi: 0, pValue: 1, law: psi.why, bins: a.length };
  const bins = psi.bins ?? 0;
  if (bins < 2) return { psi: psi.value, pValue: 1, law: 'one bin', bins };
  const ratio = psi.value / ((bins - 1) * (1 / psi.n + 1 / psi.m)) / reference.designEffect;
  const degrees = Math.min(bins - 1, reference.degrees ?? bins - 1);
  const windows = Math.max(1, reference.windows - 1);
  return {
    psi: psi.value,
    pValue: fSf(ratio, degrees, windows),
    law: `two-sample F(${degrees.toPrecision(3)}, ${windows}), design effect ${reference.designEffect.toPrecision(3)}`,
    bins,
  };
}

/** In sd when it is the location that moved, else the share of rows that moved. */
function effectOf({
  reference,
  pane,
  evidence,
}: {
  reference: Reference;
  pane: PaneCounts;
  evidence: EvidenceState;
}): EffectSize {
  const shift = standardisedDifference({ reference: reference.merged, current: pane });
  const moved = shareMoved({
    reference: reference.merged,
    current: pane,
    designEffect: reference.designEffect,
  });
  return shift !== undefined && evidence.leader === 'location' ? shift : moved;
}

function isLarge(effect: EffectSize, limits: Limits): boolean {
  return effect.value >= limits.effectFloor[effect.unit];
}

function isBack(args: {
  recent: CellState['recent'];
  reference: Reference;
  evidence: EvidenceState;
  limits: Limits;
}): boolean {
  const merged = mergePanes(args.recent.map(({ pane }) => pane));
  const shift = standardisedDifference({ reference: args.reference.merged, current: merged });
  const moved = shareMoved({
    reference: args.reference.merged,
    current: merged,
    designEffect: args.reference.designEffect,
  });
  return !isLarge(moved, args.limits) && (shift === undefined || !isLarge(shift, args.limits));
}

function since(recent: CellState['recent'], sinceMs: number | undefined): PaneCounts[] {
  const kept = recent.filter(({ startMs }) => sinceMs === undefined || startMs >= sinceMs);
  return kept.map(({ pane }) => pane);
}

/** Effective rows below which a single window is not judged alone. */
const EFFECTIVE_ROWS = 20;
/** Mean evidence below which nothing is considered to be under way. */
const ONSET = 3;
