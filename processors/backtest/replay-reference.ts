import type { Limits } from '../../src/core/evidence/judge-window.ts';
import type { Bins } from '../../src/core/summaries/bins.ts';
import type { Column, Table } from '../../src/core/windows/column.ts';
import type { Season } from '../../src/core/windows/pane.ts';
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
}

/** Counts once; `judge` may then be called again with columns changed, and counts only those. */
export function openReferenceReplay(args: ReferenceReplay): {
  judge(instead?: ReadonlyMap<string, Column>): Replay;
} {
  const bins = fitReferenceBins({ table: args.reference, view: args.view, windows: args.referenceWindows });
  const reference = versionReferenceOf({
    version: '',
    id: 'reference',
    view: args.view,
    season: args.season,
    categories: categoriesOf(bins),
    performance: { logLoss: 0, rows: 0 },
    cells: gatherCells(
      countCells({ table: args.reference, view: args.view, bins, windows: args.referenceWindows }),
    ),
  });
  const counted = countCells({ table: args.current, view: args.view, bins, windows: args.currentWindows });
  return { judge: (instead) => judge({ ...args, bins, versionReference: reference, counted }, instead) };
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
