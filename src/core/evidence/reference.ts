import { type Season, seasonOf } from '../windows/pane.ts';
import { mergePanes, type PaneCounts } from '../windows/pane-counts.ts';
import { type Baseline, learnBaseline } from './baseline.ts';
import { components } from './components.ts';
import { designEffect } from './design-effect.ts';

/** Everything a window of one feature and segment is compared with. */
export interface Reference {
  readonly id: string;
  readonly kind: 'numeric' | 'categorical';
  readonly season: Season;
  /** All rows of the reference. */
  readonly merged: PaneCounts;
  readonly windows: number;
  readonly baseline: Baseline;
  /** 1 where it could not be estimated. */
  readonly designEffect: number;
  /** Degrees of freedom of PSI between past windows; undefined where they could not be estimated. */
  readonly degrees?: number;
  /** A training snapshot stays as it is; trailing windows move along. */
  readonly frozen: boolean;
}

/** Prepares a reference from its windows, in order of time. */
export function prepareReference(args: {
  id: string;
  kind: 'numeric' | 'categorical';
  season: Season;
  frozen: boolean;
  windows: readonly { readonly startMs: number; readonly pane: PaneCounts }[];
  /** Counts whose ranks define the components; by default the windows merged. Keep it fixed while windows move along. */
  ranks?: PaneCounts;
}): Reference {
  const { id, kind, season, frozen, windows } = args;
  const merged = mergePanes(windows.map(({ pane }) => pane));
  const ranks = args.ranks ?? merged;
  const baseline = learnBaseline(
    windows.map(({ startMs, pane }) => ({
      season: seasonOf(startMs, season),
      components: components({ kind, pane, reference: ranks }),
    })),
  );
  const effect = designEffect(windows.map(({ pane }) => pane));
  return {
    id,
    kind,
    season,
    merged,
    windows: windows.length,
    baseline,
    designEffect: effect.status === 'ok' ? effect.value : 1,
    ...(effect.status === 'ok' ? { degrees: effect.df } : {}),
    frozen,
  };
}
