import type { Column, Table } from '../../core/windows/column.ts';
import { DriftwatchError } from '../../errors.ts';
import type { Examples } from './read-snapshot.ts';

/**
 * A table read from any file as examples: its numbers, booleans and times (milliseconds since 1970) are numeric
 * features, its texts categorical ones. Without `features` every column but id, time and label is one; without
 * `id` every row is an example of its own.
 *
 * @throws FILE_INVALID when a column is not there or holds something else than it must.
 */
export function examplesOfTable(args: {
  table: Table;
  path: string;
  time: string;
  label: string;
  id?: string;
  features?: readonly string[];
}): Examples {
  const { table, path } = args;
  const column = (name: string): Column => {
    const found = table.columns.get(name);
    if (found !== undefined) return found;
    throw invalid(path, `has no column ${name}`, `It has ${[...table.columns.keys()].join(', ')}.`);
  };
  const numbers = (of: Column): Float64Array =>
    Float64Array.from({ length: table.rows }, (_, row) => {
      const value = of.number(row) ?? Number.NaN;
      return of.form === 'time' ? value * 1000 : value;
    });
  const texts = (of: Column): (string | null)[] =>
    Array.from({ length: table.rows }, (_, row) => of.text(row));
  const named = [args.id, args.time, args.label];
  const names = args.features ?? [...table.columns.keys()].filter((name) => !named.includes(name));
  const features = names.map(column);
  const id = args.id === undefined ? undefined : column(args.id);
  const [time, label] = [column(args.time), column(args.label)];
  if (time.form === 'text')
    throw invalid(path, `has texts in ${args.time}`, 'A time is a timestamp or a number.');
  if (label.form === 'text')
    throw invalid(path, `has texts in ${args.label}`, 'A label is a number or boolean.');
  return {
    ids: Array.from({ length: table.rows }, (_, row) => id?.text(row) ?? `row ${row}`),
    eventTimesMs: numbers(time),
    dataset: {
      rows: table.rows,
      numeric: features
        .filter(({ form }) => form !== 'text' && form !== 'list')
        .map((of) => ({ name: of.name, values: numbers(of) })),
      categorical: features
        .filter(({ form }) => form === 'text')
        .map((of) => ({ name: of.name, values: texts(of) })),
      label: numbers(label),
    },
  };
}

function invalid(path: string, what: string, next: string): DriftwatchError {
  return new DriftwatchError({ code: 'FILE_INVALID', message: `${path} ${what}.`, next });
}
