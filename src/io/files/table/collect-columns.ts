import {
  type Column,
  listColumn,
  numberColumn,
  type Table,
  textColumn,
} from '../../../core/windows/column.ts';
import { DriftwatchError } from '../../../errors.ts';

/** A table read from a file, and the columns that could not be taken, each with the reason. */
export interface ReadTable {
  readonly table: Table;
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

/** What of a file is read. */
export interface TableFields {
  /** All unless given. */
  readonly columns?: readonly string[];
  /** Fields of maps, each of whose keys becomes a column FIELD.KEY. CSV has such columns from the start. */
  readonly maps?: readonly string[];
}

/**
 * Gathers values column by column into arrays of plain numbers: a column of a million numbers takes 9 MB, and a
 * text is kept once however often it occurs. A value that is neither text, number, boolean, time, list of numbers nor
 * missing makes its column left out.
 *
 * @throws FILE_INVALID when one column holds numbers in one row and texts in another.
 */
export interface Columns {
  column(name: string): (row: number, value: unknown) => void;
  /** A field of maps: each key is a column NAME.KEY, missing in the rows that do not have it. */
  map(name: string): (row: number, value: unknown) => void;
  finish(rows: number): ReadTable;
}

export function collectColumns(args: { path: string }): Columns {
  const columns = new Map<string, Collected>();
  function column(name: string): Collected['set'] {
    const known = columns.get(name);
    if (known !== undefined) return known.set;
    const made = collect(name, args.path);
    columns.set(name, made);
    return made.set;
  }
  return {
    column,
    map(name) {
      const keys = new Set<string>();
      return (row, value) => {
        for (const [key, held] of entriesOf(value)) {
          if (keys.size === MOST_KEYS && !keys.has(key)) throw manyKeys(name, args.path);
          keys.add(key);
          column(`${name}.${key}`)(row, held);
        }
      };
    },
    finish(rows) {
      const table = new Map<string, Column>();
      const leftOut: { name: string; why: string }[] = [];
      for (const [name, collected] of columns) {
        const end = collected.finish(rows);
        if (typeof end === 'string') leftOut.push({ name, why: end });
        else table.set(name, end);
      }
      return { table: { rows, columns: table }, leftOut };
    },
  };
}

interface Collected {
  readonly set: (row: number, value: unknown) => void;
  /** The column, or why there is none. */
  finish(rows: number): Column | string;
}

function collect(name: string, path: string): Collected {
  let form: Column['form'] | undefined;
  let why: string | undefined;
  let values = new Float64Array(0);
  let present = new Uint8Array(0);
  let items = new Float64Array(0);
  let sizes = new Uint32Array(0);
  let kept = 0;
  const texts: string[] = [];
  const codes = new Map<string, number>();

  function codeOf(text: string): number {
    const known = codes.get(text);
    if (known !== undefined) return known;
    codes.set(text, texts.length);
    return texts.push(text) - 1;
  }

  function reserve(row: number): void {
    if (row < values.length) return;
    const room = Math.max(1024, 2 * values.length, row + 1);
    const [more, marks] = [new Float64Array(room), new Uint8Array(room)];
    more.set(values);
    marks.set(present);
    values = more;
    present = marks;
  }

  /** Keeps a list and returns where it begins. */
  function startOf(row: number, list: ArrayLike<unknown>): number {
    const start = kept;
    if (kept + list.length > items.length) {
      const more = new Float64Array(Math.max(1024, 2 * items.length, kept + list.length));
      more.set(items);
      items = more;
    }
    for (let at = 0; at < list.length; at += 1) items[kept + at] = Number(list[at] ?? 0);
    kept += list.length;
    if (row >= sizes.length) {
      const more = new Uint32Array(Math.max(1024, 2 * sizes.length, row + 1));
      more.set(sizes);
      sizes = more;
    }
    sizes[row] = list.length;
    return start;
  }

  return {
    set(row, value) {
      if (value === null || value === undefined || why !== undefined) return;
      const found = formOf(value);
      if (found === undefined) {
        why = 'it holds records, bytes, or lists of other things than numbers';
        return;
      }
      form ??= found;
      if (form !== found) throw mixed({ name, path, row, form, found });
      reserve(row);
      if (isList(value)) values[row] = startOf(row, value);
      else values[row] = typeof value === 'string' ? codeOf(value) : numberOf(value);
      present[row] = 1;
    },
    finish(rows) {
      if (why !== undefined) return why;
      if (form === undefined) return 'it has no value in any row';
      reserve(rows);
      if (form === 'list') return listColumn({ name, items: items.subarray(0, kept), starts: values, sizes });
      if (form === 'text') {
        const places = Int32Array.from({ length: rows }, (_, row) =>
          present[row] === 1 ? (values[row] ?? -1) : -1,
        );
        return textColumn({ name, codes: places, texts });
      }
      const missing = Uint8Array.from({ length: rows }, (_, row) => (present[row] === 1 ? 0 : 1));
      return numberColumn({ name, form, values: values.subarray(0, rows), missing });
    },
  };
}

function formOf(value: unknown): Column['form'] | undefined {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number' || typeof value === 'bigint') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (isList(value)) return 'list';
  return value instanceof Date ? 'time' : undefined;
}

/** A list of numbers, some of which may be missing. Bytes are none. */
function isList(value: unknown): value is ArrayLike<unknown> {
  if (value instanceof Float64Array || value instanceof Float32Array) return true;
  if (!Array.isArray(value)) return false;
  return value.every((item) => item === null || typeof item === 'number' || typeof item === 'bigint');
}

/** Of a map as an object, or as a list of records with a key and a value; nothing of anything else. */
function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  if (!Array.isArray(value)) return Object.entries(value);
  return value.flatMap((one: unknown): [string, unknown][] => {
    if (typeof one !== 'object' || one === null || !('key' in one) || !('value' in one)) return [];
    return [[String(one.key), one.value]];
  });
}

function numberOf(value: unknown): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Date ? value.getTime() : Number(value);
}

function manyKeys(name: string, path: string): DriftwatchError {
  return new DriftwatchError({
    code: 'FILE_INVALID',
    message: `The maps ${name} of ${path} have more than ${MOST_KEYS} keys.`,
    next: 'A map of probabilities has one key for each class.',
  });
}

/** Different keys of the maps of one field. */
const MOST_KEYS = 1_000;

function mixed(args: {
  name: string;
  path: string;
  row: number;
  form: string;
  found: string;
}): DriftwatchError {
  return new DriftwatchError({
    code: 'FILE_INVALID',
    message: `The column ${args.name} of ${args.path} begins with ${args.form} values and has a ${args.found} value in row ${args.row + 1}.`,
    next: 'Write one type per column.',
  });
}
