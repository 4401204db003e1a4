import type { Table } from '../../src/core/windows/column.ts';
import { paneOf } from '../../src/core/windows/pane.ts';
import { DriftwatchError } from '../../src/errors.ts';

/** Rows of a table that are judged together, for all rows and for each segment. */
export interface RowWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly rows: ArrayLike<number>;
  /** Rows per segment; the empty name is all rows. */
  readonly segments: ReadonlyMap<string, ArrayLike<number>>;
}

/**
 * Windows of `size` rows in the order of the file; the rows left over go to the last window if they are fewer than
 * half a window, else they are one of their own. A window stands for `everyMs` of time, from 1970 on.
 */
export function windowsOfRows(args: {
  table: Table;
  size: number;
  everyMs: number;
  segments: readonly string[];
}): RowWindow[] {
  const { table, size, everyMs } = args;
  const count = Math.max(1, Math.round(table.rows / size));
  const windows: RowWindow[] = [];
  for (let index = 0; index < count && table.rows > 0; index += 1) {
    const from = index * size;
    const until = index === count - 1 ? table.rows : from + size;
    const rows = Int32Array.from({ length: until - from }, (_, i) => from + i);
    const startMs = index * everyMs;
    windows.push({ startMs, endMs: startMs + everyMs, rows, segments: segmentRows({ ...args, rows }) });
  }
  return windows;
}

/** Windows of event time, aligned to 1970; those without rows are left out. `keep` chooses rows by their time. */
export function windowsOfTime(args: {
  table: Table;
  times: Float64Array;
  paneMs: number;
  segments: readonly string[];
  keep?: (timeMs: number) => boolean;
}): RowWindow[] {
  const { table, times, paneMs, keep } = args;
  const panes = new Map<number, number[]>();
  for (let row = 0; row < table.rows; row += 1) {
    const timeMs = times[row] ?? Number.NaN;
    if (Number.isNaN(timeMs) || keep?.(timeMs) === false) continue;
    const startMs = paneOf(timeMs, paneMs);
    const rows = panes.get(startMs);
    if (rows === undefined) panes.set(startMs, [row]);
    else rows.push(row);
  }
  return [...panes]
    .sort(([a], [b]) => a - b)
    .map(([startMs, rows]) => ({
      startMs,
      endMs: startMs + paneMs,
      rows,
      segments: segmentRows({ ...args, rows }),
    }));
}

/** Event times of a table in milliseconds since 1970; NaN where there is none. Throws FILE_INVALID. */
export function eventTimes(table: Table, name: string): Float64Array {
  const column = table.columns.get(name);
  if (column === undefined || (column.form !== 'time' && column.form !== 'number')) {
    throw new DriftwatchError({
      code: 'FILE_INVALID',
      message:
        column === undefined
          ? `There is no column ${name} to take the event time from.`
          : `The column ${name} holds ${column.form} values, not times.`,
      next: `Name one with --time; it must be a timestamp, ISO text or milliseconds since 1970. Columns are: ${[...table.columns.keys()].join(', ')}.`,
    });
  }
  const factor = column.form === 'time' ? 1000 : 1;
  return Float64Array.from({ length: table.rows }, (_, row) => {
    const value = column.number(row);
    return value === null ? Number.NaN : Math.round(value * factor);
  });
}

function segmentRows(args: {
  table: Table;
  segments: readonly string[];
  rows: ArrayLike<number>;
}): Map<string, ArrayLike<number>> {
  const { table, rows } = args;
  const found = new Map<string, ArrayLike<number>>([['', rows]]);
  for (const name of args.segments) {
    const column = table.columns.get(name);
    const lists = new Map<string, number[]>();
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[at] ?? 0;
      const key = `${name}=${column?.text(row) ?? 'null'}`;
      const list = lists.get(key);
      if (list === undefined) lists.set(key, [row]);
      else list.push(row);
    }
    for (const [key, list] of lists) found.set(key, list);
  }
  return found;
}
