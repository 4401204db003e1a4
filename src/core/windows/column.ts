/**
 * One column of a table in memory, whatever it was read from. A column of numbers has texts too (what the database
 * would print) and a column of texts has no numbers; `null` is a missing value.
 */
export interface Column {
  readonly name: string;
  /** `time` is in milliseconds since 1970 and counts in seconds, as the database's times do. */
  readonly form: 'number' | 'boolean' | 'time' | 'text' | 'list';
  number(row: number): number | null;
  text(row: number): string | null;
  /** Numbers of a list, of a column of lists only; a missing list is empty, as in the database. */
  list?(row: number): ArrayLike<number>;
}

export interface Table {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
}

/** A column of numbers; `missing` has a 1 where there is no value. Booleans are 0 and 1. */
export function numberColumn(args: {
  name: string;
  form: 'number' | 'boolean' | 'time';
  values: ArrayLike<number>;
  missing: ArrayLike<number>;
}): Column {
  const { name, form, values, missing } = args;
  const at = (row: number) => (missing[row] === 1 ? null : (values[row] ?? null));
  return {
    name,
    form,
    number(row) {
      const value = at(row);
      return form === 'time' && value !== null ? value / 1000 : value;
    },
    text(row) {
      const value = at(row);
      if (value === null) return null;
      if (form === 'time') return new Date(value).toISOString();
      return form === 'boolean' ? String(value === 1) : String(value);
    },
  };
}

/** A column of texts, each distinct one kept once: `codes` are places in `texts`, below 0 for a missing value. */
export function textColumn(args: {
  name: string;
  codes: ArrayLike<number>;
  texts: readonly string[];
}): Column {
  const { name, codes, texts } = args;
  return {
    name,
    form: 'text',
    number: () => null,
    text: (row) => texts[codes[row] ?? -1] ?? null,
  };
}

/** A column of lists of numbers: `items` of all rows one after the other, each row's from `starts` on, `sizes` of them. */
export function listColumn(args: {
  name: string;
  items: Float64Array;
  starts: ArrayLike<number>;
  sizes: ArrayLike<number>;
}): Column {
  const { name, items, starts, sizes } = args;
  const list = (row: number) => {
    const start = starts[row] ?? 0;
    return items.subarray(start, start + (sizes[row] ?? 0));
  };
  return { name, form: 'list', number: () => null, text: (row) => `[${list(row).join(',')}]`, list };
}

/** A column with other values in some rows; the rest is looked up in the column itself. */
export function changedColumn(column: Column, changes: ReadonlyMap<number, number | string | null>): Column {
  const changed = <T>(row: number, usual: (row: number) => T, read: (value: number | string | null) => T) => {
    const value = changes.get(row);
    return value === undefined ? usual(row) : read(value);
  };
  return {
    name: column.name,
    form: column.form,
    number: (row) => changed(row, column.number, (value) => (typeof value === 'number' ? value : null)),
    text: (row) => changed(row, column.text, (value) => (value === null ? null : String(value))),
  };
}
