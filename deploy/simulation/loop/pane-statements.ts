import { paneOf } from '../../../src/core/windows/pane.ts';
import type { Params } from '../../../src/io/clickhouse/client.ts';
import { binOf } from './reference-panes.ts';
import type { Row } from './replacing-tables.ts';
import { iso, msOf } from './row-values.ts';
import { type LoggedRow, PANE_MS } from './serving-log.ts';

/** What the statement of a pane computes, by hand: bins of the one numeric feature, without segments. */
export function paneRow(rows: readonly LoggedRow[], params: Params): Row {
  const counts = new Map<number, number>();
  for (const { x } of rows) counts.set(binOf(x), (counts.get(binOf(x)) ?? 0) + 1);
  const bins = [...counts].sort(([a], [b]) => a - b);
  // In one order, so that a sum is the same double whoever computes it.
  const values = rows.flatMap(({ x }) => x ?? []).sort((a, b) => a - b);
  return {
    stream: params['stream'],
    bins_id: params['bins_id'],
    pane_start: iso(msOf(params['from'])),
    revision: params['revision'],
    segment: '',
    feature: 'x',
    n: rows.length,
    codes: bins.map(([code]) => code),
    counts: bins.map(([, count]) => count),
    finite: values.length,
    total: values.reduce((sum, value) => sum + value, 0),
    squares: values.reduce((sum, value) => sum + value * value, 0),
    minimum: values[0] ?? null,
    maximum: values.at(-1) ?? null,
    distinct: new Set(values).size,
    unexpected_values: [],
  };
}

/** The join by id of one pane, of the newest row of each id and partition. */
export function skewRows(
  sides: { training: readonly LoggedRow[]; serving: readonly LoggedRow[] },
  params: Params,
): Row[] {
  const training = new Map(sides.training.map((row) => [row.id, row]));
  const serving = new Map(sides.serving.map((row) => [row.id, row]));
  const joined = [...serving].flatMap(([name, row]) => {
    const other = training.get(name);
    return other === undefined ? [] : [{ a: other.x, b: row.x }];
  });
  const count = (of: (pair: { a: number | undefined; b: number | undefined }) => boolean) =>
    joined.filter(of).length;
  if (training.size + serving.size === 0) return [];
  return [
    {
      pane_start: iso(msOf(params['from'])),
      revision: params['revision'],
      segment: '',
      feature: 'x',
      joined: joined.length,
      training_only: training.size - joined.length,
      serving_only: serving.size - joined.length,
      matches: count(({ a, b }) => a !== undefined && a === b),
      mismatches: count(({ a, b }) => a !== undefined && b !== undefined && a !== b),
      training_value_only: count(({ a, b }) => a !== undefined && b === undefined),
      serving_value_only: count(({ a, b }) => a === undefined && b !== undefined),
      both_null: count(({ a, b }) => a === undefined && b === undefined),
      difference: 0,
      training_total: 0,
      serving_total: 0,
    },
  ];
}

/** Partitions and offsets of one pane's rows, and of those it is joined to. */
export function sourcesOf(rows: readonly LoggedRow[], also: readonly LoggedRow[]): Row[] {
  const [first] = rows;
  if (first === undefined) return [];
  const own = rangesOf(rows);
  const joined = rangesOf(also);
  return [
    {
      pane_start: iso(paneOf(first.eventTimeMs, PANE_MS)),
      own_rows: rows.length,
      rows: rows.length + also.length,
      partitions: own.partitions,
      first_offsets: own.first,
      end_offsets: own.end,
      joined_partitions: joined.partitions,
      joined_first_offsets: joined.first,
      joined_end_offsets: joined.end,
    },
  ];
}

function rangesOf(rows: readonly LoggedRow[]) {
  const partitions = [...new Set(rows.map(({ partition }) => partition))].sort((a, b) => a - b);
  const offsets = (partition: number) =>
    rows.filter((row) => row.partition === partition).map(({ offset }) => offset);
  return {
    partitions,
    first: partitions.map((partition) => Math.min(...offsets(partition))),
    end: partitions.map((partition) => Math.max(...offsets(partition)) + 1),
  };
}
