import type { PaneCounts } from '../windows/pane-counts.ts';
import type { EffectSize } from './effect-size.ts';
import type { Reference } from './reference.ts';

/** PSI, or how many rows on each side it would need. */
export type Index =
  | { readonly status: 'ok'; readonly value: number; readonly bins: number }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number };

/** What is said of one window of one feature and segment. */
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
  | Insufficient;

/** What was asked could not be told: so much of something would be needed, and so much there is. */
export interface Insufficient {
  readonly verdict: 'insufficient';
  readonly need: number;
  readonly have: number;
  readonly why: string;
  readonly n: number;
  readonly m: number;
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

/** What a window or its reference lacks, if anything, before it can be judged. */
export function shortage({
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
export function unseenSeason(args: { pane: PaneCounts; reference: Reference; season: number }): Judgement {
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
