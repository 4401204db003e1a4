import type { Reference } from '../../src/core/evidence/reference.ts';
import { type RowsAre, rowDependence } from '../../src/core/evidence/row-dependence.ts';
import type { Limits } from '../../src/core/evidence/window-judgement.ts';
import type { Bins } from '../../src/core/summaries/bins.ts';
import type { Column, Table } from '../../src/core/windows/column.ts';
import type { Season } from '../../src/core/windows/pane.ts';
import { profilesOf } from '../../src/core/windows/profile.ts';
import { type PageBudget, splitBudget } from '../detect/error-budget.ts';
import { judgeInputs } from '../detect/judge-serving.ts';
import { expectedFalsePagesOf } from '../detect/ledger-row.ts';
import { type VersionReference, versionReferenceOf } from '../detect/references.ts';
import type { Verdict } from '../detect/verdict.ts';
import type { ModelView } from '../panes/model-view.ts';
import { NO_RANGES } from '../panes/rows.ts';
import { type Cells, categoriesOf, countCells, fitReferenceBins, gatherCells } from './count-cells.ts';
import { openPager, type Replay } from './replay.ts';
import type { RowWindow } from './row-windows.ts';

/** One file as the reference, the windows of another judged against it in order. */
export interface ReferenceReplay {
  readonly view: ModelView;
  readonly reference: Table;
  readonly referenceWindows: readonly RowWindow[];
  readonly current: Table;
  readonly currentWindows: readonly RowWindow[];
  readonly paneMs: number;
  readonly season: Season;
  readonly budget: PageBudget;
  readonly limits: Omit<Limits, 'alpha' | 'evidenceAt'>;
  readonly groupWithinMs: number;
  readonly rows: RowsAre;
  /** Smaller windows of the reference to tell the dependence of its rows by, where it has few. */
  readonly referencePieces?: readonly RowWindow[];
}

/** Counts once; `judge` may then be called again with columns changed, and counts only those. */
export function openReferenceReplay(args: ReferenceReplay): {
  judge(instead?: ReadonlyMap<string, Column>): Replay;
  /** What the rows were taken for, and why, in a sentence. */
  readonly says: string;
} {
  const bins = fitReferenceBins({ table: args.reference, view: args.view, windows: args.referenceWindows });
  const referenceOf = (windows: readonly RowWindow[]): VersionReference =>
    versionReferenceOf({
      version: '',
      id: 'reference',
      view: args.view,
      season: args.season,
      categories: categoriesOf(bins),
      performance: { logLoss: 0, rows: 0 },
      cells: gatherCells(countCells({ table: args.reference, view: args.view, bins, windows })),
    });
  const reference = referenceOf(args.referenceWindows);
  const pieces = args.referencePieces === undefined ? reference : referenceOf(args.referencePieces);
  const { independent, says } = takenFor({ ...args, references: referencesOf(args.view, pieces) });
  const limits = independent
    ? { ...args.limits, minimumWindows: Number.POSITIVE_INFINITY, startUp: 'independent-rows' as const }
    : args.limits;
  const counted = countCells({ table: args.current, view: args.view, bins, windows: args.currentWindows });
  const all = { ...args, limits, bins, versionReference: reference, counted };
  return { judge: (instead) => judge(all, instead), says };
}

/** References of the features over all segments. */
function referencesOf(view: ModelView, version: VersionReference): Reference[] {
  const watched = view.features.filter(({ field }) => profilesOf(field).length === 0);
  return watched.flatMap(({ field }) => version.cell(field.name, '') ?? []);
}

/** A season is a dependence on the time. */
function takenFor(args: { rows: RowsAre; season: Season; references: readonly Reference[] }): {
  independent: boolean;
  says: string;
} {
  const { rows, season } = args;
  if (rows !== 'auto') return { independent: rows === 'independent', says: `Rows are taken for ${rows}.` };
  const found = rowDependence(args.references);
  if (season !== 'none')
    return { independent: false, says: 'Rows are taken for dependent: they have a season.' };
  if (found.status === 'insufficient')
    return {
      independent: false,
      says: `Rows are taken for dependent: ${found.have} of ${found.need} windows of the reference to tell by.`,
    };
  const times = Number(found.inflation.toPrecision(3));
  return {
    independent: found.independent,
    says: `Rows are taken for ${found.independent ? 'independent' : 'dependent'}: windows of the reference vary ${times} times as much as those of independent rows would (${found.df} degrees of freedom).`,
  };
}

function judge(
  args: ReferenceReplay & {
    bins: ReadonlyMap<string, Bins>;
    versionReference: VersionReference;
    counted: readonly Cells[];
  },
  instead: ReadonlyMap<string, Column> | undefined,
): Replay {
  const { view, versionReference: reference } = args;
  const windows = args.currentWindows;
  const cells =
    instead === undefined
      ? args.counted
      : countCells({ table: args.current, view, bins: args.bins, windows, instead, before: args.counted });
  const pager = openPager({ groupWithinMs: args.groupWithinMs });
  const verdicts: Verdict[] = [];
  let states: Parameters<typeof judgeInputs>[0]['states'] = new Map();
  let expectedFalsePages = 0;
  for (const [index, window] of windows.entries()) {
    const panes = cells[index] ?? new Map();
    const { alpha, evidenceAt } = splitBudget({ ...args.budget, paneMs: args.paneMs, cells: panes.size });
    const judged = judgeInputs({
      kind: 'distribution-skew',
      view,
      window: {
        startMs: window.startMs,
        endMs: window.endMs,
        revision: 0,
        version: '',
        ranges: NO_RANGES,
        rows: window.rows.length,
        streamTimeMs: window.endMs,
      },
      panes,
      states,
      referenceOf: (feature, segment) => reference.cell(feature, segment),
      categoriesOf: (feature) => reference.categories.get(feature) ?? [],
      limits: { ...args.limits, alpha, evidenceAt },
    });
    states = judged.states;
    verdicts.push(...judged.verdicts);
    expectedFalsePages += expectedFalsePagesOf(judged.verdicts);
    pager.take(judged.verdicts, window.endMs);
  }
  return { verdicts, pages: pager.pages(), windows: windows.length, expectedFalsePages };
}
