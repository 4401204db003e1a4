import { valueRulesOf } from '../../src/core/contract/value-rules.ts';
import type { Bins } from '../../src/core/summaries/bins.ts';
import type { Column, Table } from '../../src/core/windows/column.ts';
import { fitWindowBins } from '../../src/core/windows/fit-window-bins.ts';
import { profileColumn } from '../../src/core/windows/profile.ts';
import { reduceColumn } from '../../src/core/windows/reduce-column.ts';
import { cellKey, type PaneWindow } from '../detect/references.ts';
import type { ModelView } from '../panes/model-view.ts';
import { ruledTexts, type WatchedFeature, watchedFeatures } from '../panes/watched-features.ts';
import type { RowWindow } from './row-windows.ts';

/** Panes of one window by cell, as the decisions read them. */
export type Cells = ReadonlyMap<string, readonly PaneWindow[]>;

/** Bins of every feature on all rows of the reference windows. Features that the table does not have get none. */
export function fitReferenceBins(args: {
  table: Table;
  view: ModelView;
  windows: readonly RowWindow[];
}): Map<string, Bins> {
  const rows = args.windows.flatMap((window) => Array.from(window.rows));
  const bins = new Map<string, Bins>();
  for (const feature of watchedFeatures(args.view.features)) {
    const { field, kind, top } = feature;
    const column = columnOf({ feature, table: args.table });
    if (column !== undefined)
      bins.set(field.name, fitWindowBins({ kind, column, rows, ...(top === undefined ? {} : { top }) }));
  }
  return bins;
}

/** Counts every window, feature by feature and segment by segment: one map of cells per window. */
export function countCells(args: {
  table: Table;
  view: ModelView;
  bins: ReadonlyMap<string, Bins>;
  windows: readonly RowWindow[];
  /** Columns to count in place of the table's own. */
  instead?: ReadonlyMap<string, Column>;
  /** Cells that were counted before: only features in `instead` are counted again. */
  before?: readonly Cells[];
}): Cells[] {
  const { table, view, bins, windows, instead } = args;
  return windows.map((window, index) => {
    const cells = new Map(args.before?.[index]);
    for (const feature of [...watchedFeatures(view.features), ...ruledTexts(view.features)]) {
      const { name } = feature.field;
      if (args.before !== undefined && instead?.has((feature.profile?.of ?? feature.field).name) !== true)
        continue;
      const column = columnOf({ feature, table, ...(instead === undefined ? {} : { instead }) });
      const own = feature.profile === undefined && feature.field.kind === 'text' ? NO_BINS : bins.get(name);
      if (column === undefined || own === undefined) continue;
      countFeature({ cells, feature, column, bins: own, window });
    }
    return cells;
  });
}

/** The cells of several windows together, in order of time: what a reference is made of. */
export function gatherCells(windows: readonly Cells[]): Cells {
  const all = new Map<string, PaneWindow[]>();
  for (const cells of windows) {
    for (const [key, panes] of cells) {
      const list = all.get(key);
      if (list === undefined) all.set(key, [...panes]);
      else list.push(...panes);
    }
  }
  return all;
}

export function categoriesOf(bins: ReadonlyMap<string, Bins>): Map<string, readonly string[]> {
  return new Map([...bins].map(([name, own]) => [name, own.kind === 'categorical' ? own.categories : []]));
}

/** The column of what a cell or an axis is named after; undefined as below, or where nothing has the name. */
export function namedColumn(args: {
  name: string;
  view: ModelView;
  table: Table;
  instead?: ReadonlyMap<string, Column>;
}): Column | undefined {
  const feature = watchedFeatures(args.view.features).find(({ field }) => field.name === args.name);
  return feature === undefined ? undefined : columnOf({ ...args, feature });
}

/** The column of a watched feature, or the profile made from it; undefined where the table has not what it needs. */
function columnOf(args: {
  feature: WatchedFeature;
  table: Table;
  instead?: ReadonlyMap<string, Column>;
}): Column | undefined {
  const { feature, table, instead } = args;
  const { of: field, as } = feature.profile ?? { of: feature.field, as: undefined };
  const column = instead?.get(field.name) ?? table.columns.get(field.name);
  if (as === undefined || column === undefined) return column;
  return profileColumn({ field, as, column, eventTime: table.columns.get('event_time') });
}

/** Of what is counted by the contract alone. */
const NO_BINS: Bins = { kind: 'categorical', categories: [], others: [] };

function countFeature(args: {
  cells: Map<string, readonly PaneWindow[]>;
  feature: WatchedFeature;
  column: Column;
  bins: Bins;
  window: RowWindow;
}): void {
  const { feature, column, bins, window } = args;
  const { name } = feature.field;
  for (const [segment, rows] of window.segments) {
    // A field is constant within its own segments.
    if (segment.startsWith(`${name}=`)) continue;
    const pane = reduceColumn({ column, rows, bins, rules: valueRulesOf(feature.field) });
    args.cells.set(cellKey(name, segment), [{ startMs: window.startMs, pane }]);
  }
}
