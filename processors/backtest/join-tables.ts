import type { Column, Table } from '../../src/core/windows/column.ts';
import { comparisonOf } from '../panes/join-panes.ts';
import type { ModelView, ViewedFeature } from '../panes/model-view.ts';
import type { PerformanceRow, SkewRow } from '../panes/rows.ts';
import { answeredRows } from './answered-rows.ts';
import type { RowWindow } from './row-windows.ts';

/**
 * Joins training and serving rows of one pane by id and compares every feature, per segment: what
 * schemas/queries/skew-pane.sql does in the database. Of several rows with one id the last in the file counts.
 */
export function joinForSkew(args: {
  view: ModelView;
  training: Side;
  serving: Side;
  /** Serving columns to use in place of the table's own. */
  instead?: ReadonlyMap<string, Column>;
}): SkewRow[] {
  const { view, training, serving } = args;
  const left = byId(training, view.id);
  const right = byId(serving, view.id);
  const found = new Map<string, Counts>();
  const features = view.features.flatMap((feature) => {
    const a = training.table.columns.get(feature.field.name);
    const b = args.instead?.get(feature.field.name) ?? serving.table.columns.get(feature.field.name);
    return a === undefined || b === undefined
      ? []
      : [{ name: feature.field.name, a, b, compare: comparer(feature) }];
  });
  for (const id of new Set([...left.keys(), ...right.keys()])) {
    const [x, y] = [left.get(id), right.get(id)];
    const segments =
      y === undefined ? segmentsOf(view, training.table, x ?? 0) : segmentsOf(view, serving.table, y);
    for (const { name, a, b, compare } of features) {
      for (const segment of segments) {
        const key = `${name}\u0000${segment}`;
        const counts = found.get(key) ?? { ...NOTHING, feature: name, segment };
        found.set(key, counts);
        if (y === undefined) counts.training_only += 1;
        else if (x === undefined) counts.serving_only += 1;
        else compare(counts, a, x, b, y);
      }
    }
  }
  return [...found.values()].sort((p, q) => order(p.feature, q.feature) || order(p.segment, q.segment));
}

/**
 * Joins the labels of one pane to the newest prediction of the same example, over all segments together: what
 * schemas/queries/performance-pane.sql and label-losses.sql do. Sums are of multiples of 2^-24, as there.
 */
export function joinForPerformance(args: {
  view: ModelView;
  startMs: number;
  labels: Side & { readonly times: Float64Array };
  serving: Side & { readonly times: Float64Array };
  /** Of a model of numbers: mean squared error on its validation rows. */
  squaredError?: number;
}): { row: PerformanceRow; losses: number[] } {
  const { view, labels, serving } = args;
  const answered = answeredRows({ ...args, labels: labels.table, serving: serving.table });
  const predictions = newestById(serving, view.id);
  const row = { ...NO_PERFORMANCE, pane_start: args.startMs };
  const losses: { loss: number; timeMs: number; row: number }[] = [];
  for (const [id, at] of newestById(labels, view.id)) {
    const place = predictions.get(id);
    const one = place === undefined ? undefined : answered(place, at);
    if (one === undefined) {
      row.unmatched += 1;
      continue;
    }
    const { y, p } = one;
    const [loss, entropy] = [rounded(one.loss), rounded(one.expected)];
    row.n += 1;
    row.positives += y === 1 ? 1 : 0;
    row.loss += loss;
    row.loss_squares += rounded(loss * loss);
    row.expected += entropy;
    row.excess_squares += rounded((loss - entropy) * (loss - entropy));
    row.brier += rounded((p - y) * (p - y));
    row.predicted += rounded(p);
    row.errors += p >= 0.5 === (y === 1) ? 0 : 1;
    losses.push({ loss: rounded(one.streamed), timeMs: labels.times[at] ?? 0, row: at });
  }
  losses.sort((a, b) => a.timeMs - b.timeMs || a.row - b.row);
  return { row, losses: losses.map(({ loss }) => loss) };
}

export interface Side {
  readonly table: Table;
  readonly rows: ArrayLike<number>;
}

interface Counts extends Record<keyof typeof NOTHING, number> {
  readonly feature: string;
  readonly segment: string;
}

const NOTHING = {
  joined: 0,
  training_only: 0,
  serving_only: 0,
  matches: 0,
  mismatches: 0,
  training_value_only: 0,
  serving_value_only: 0,
  both_null: 0,
  difference: 0,
  training_total: 0,
  serving_total: 0,
};

const NO_PERFORMANCE = {
  segment: '',
  n: 0,
  unmatched: 0,
  positives: 0,
  loss: 0,
  loss_squares: 0,
  expected: 0,
  excess_squares: 0,
  brier: 0,
  predicted: 0,
  errors: 0,
};

function comparer(feature: ViewedFeature) {
  const { numeric, absolute, relative } = comparisonOf(feature);
  return (counts: Counts, a: Column, x: number, b: Column, y: number): void => {
    const [p, q] = numeric ? [numberOf(a, x), numberOf(b, y)] : [a.text(x), b.text(y)];
    counts.joined += 1;
    if (p === null && q === null) counts.both_null += 1;
    else if (q === null) counts.training_value_only += 1;
    else if (p === null) counts.serving_value_only += 1;
    else if (typeof p === 'number' && typeof q === 'number') {
      const close = Math.abs(p - q) <= absolute + relative * Math.max(Math.abs(p), Math.abs(q));
      if (close || (Number.isNaN(p) && Number.isNaN(q))) counts.matches += 1;
      else {
        counts.mismatches += 1;
        if (Number.isFinite(q - p)) counts.difference += q - p;
        if (Number.isFinite(p)) counts.training_total += p;
        if (Number.isFinite(q)) counts.serving_total += q;
      }
    } else if (p === q) counts.matches += 1;
    else counts.mismatches += 1;
  };
}

function byId({ table, rows }: Side, id: string): Map<string, number> {
  const column = table.columns.get(id);
  const places = new Map<string, number>();
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at] ?? 0;
    places.set(column?.text(row) ?? '', row);
  }
  return places;
}

function newestById(side: Side & { readonly times: Float64Array }, id: string): Map<string, number> {
  const { table, rows, times } = side;
  const column = table.columns.get(id);
  const places = new Map<string, number>();
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at] ?? 0;
    const key = column?.text(row) ?? '';
    const known = places.get(key);
    if (known === undefined || (times[row] ?? 0) >= (times[known] ?? 0)) places.set(key, row);
  }
  return places;
}

function segmentsOf(view: ModelView, table: Table, row: number): string[] {
  return ['', ...view.segments.map((name) => `${name}=${table.columns.get(name)?.text(row) ?? 'null'}`)];
}

/** To a multiple of 2^-24. */
function rounded(x: number): number {
  return x + 402_653_184 - 402_653_184;
}

/** Order of the bytes; names are plain. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Moments in milliseconds since 1970, as skew-pane.sql has them. */
function numberOf(column: Column, row: number): number | null {
  const value = column.number(row);
  return column.form === 'time' && value !== null ? Math.round(value * 1e6) / 1000 : value;
}

/** Rows of the windows between two moments. */
export function rowsBetween(windows: readonly RowWindow[], fromMs: number, untilMs: number): number[] {
  return windows
    .filter(({ startMs }) => startMs >= fromMs && startMs < untilMs)
    .flatMap(({ rows }) => Array.from(rows));
}
