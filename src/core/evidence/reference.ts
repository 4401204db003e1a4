import { type Season, seasonOf } from '../windows/pane.ts';
import { mergePanes, type PaneCounts, sameCodes } from '../windows/pane-counts.ts';
import { type Baseline, EMPTY_BASELINE, extendBaseline } from './baseline.ts';
import { type ComponentPlan, components, planComponents } from './components.ts';
import { designEffectOf, extendSpread, NO_SPREAD, type Spread } from './design-effect.ts';

/** Everything a window of one feature and segment is compared with. */
export interface Reference {
  readonly id: string;
  readonly kind: 'numeric' | 'categorical';
  readonly season: Season;
  /** All rows of the reference. */
  readonly merged: PaneCounts;
  readonly windows: number;
  readonly baseline: Baseline;
  readonly plan: ComponentPlan;
  readonly spread: Spread;
  /** How many times more windows differ than independent rows would; 1 where it could not be estimated. */
  readonly designEffect: number;
  /** A training snapshot stays as it is; other references move along. */
  readonly frozen: boolean;
}

/** Prepares a reference from its windows, in order of time. */
export function prepareReference(args: {
  id: string;
  kind: 'numeric' | 'categorical';
  season: Season;
  frozen: boolean;
  windows: readonly ReferenceWindow[];
  /** Counts whose ranks define the components; by default the windows merged. Keep it fixed while windows move along. */
  ranks?: PaneCounts;
}): Reference {
  const ranks = args.ranks ?? mergePanes(args.windows.map(({ pane }) => pane));
  return args.windows.reduce(extendReference, startReference({ ...args, rows: NO_ROWS, ranks }));
}

/** A reference of rows that are no windows: a training snapshot without its times. `ranks` as above. */
export function startReference(args: {
  id: string;
  kind: 'numeric' | 'categorical';
  season: Season;
  frozen: boolean;
  rows: PaneCounts;
  ranks?: PaneCounts;
}): Reference {
  const { id, kind, season, frozen, rows } = args;
  return {
    id,
    kind,
    season,
    merged: rows,
    windows: 0,
    baseline: EMPTY_BASELINE,
    plan: planComponents({ kind, ranks: args.ranks ?? rows }),
    spread: NO_SPREAD,
    designEffect: 1,
    frozen,
  };
}

/** The reference with one more window in it; the same as preparing it with that window last. */
export function extendReference(before: Reference, window: ReferenceWindow): Reference {
  const { plan, merged, season } = before;
  const { pane, startMs } = window;
  const spread = extendSpread(before.spread, { merged, pane });
  const effect = designEffectOf(spread);
  return {
    ...before,
    merged: addPane(merged, pane),
    windows: before.windows + 1,
    baseline: extendBaseline(before.baseline, {
      season: seasonOf(startMs, season),
      components: components({ plan, pane }),
    }),
    spread,
    designEffect: effect.status === 'ok' ? effect.value : 1,
  };
}

export interface ReferenceWindow {
  readonly startMs: number;
  readonly pane: PaneCounts;
}

/** Merging without a map where both have the same codes, which is nearly always. */
function addPane(a: PaneCounts, b: PaneCounts): PaneCounts {
  if (!sameCodes(a.codes, b.codes)) return mergePanes([a, b]);
  return {
    n: a.n + b.n,
    codes: a.codes,
    counts: a.counts.map((count, index) => count + (b.counts[index] ?? 0)),
    finite: a.finite + b.finite,
    total: a.total + b.total,
    squares: a.squares + b.squares,
  };
}

const NO_ROWS: PaneCounts = { n: 0, codes: [], counts: [], finite: 0, total: 0, squares: 0 };
