import { quantile, sortedFinite } from '../../src/core/summaries/bins.ts';
import { type Column, changedColumn, type Table } from '../../src/core/windows/column.ts';
import { DriftwatchError } from '../../src/errors.ts';

/** A fault to put into a share of the rows of a column, so that one can see whether it would be found. */
export interface Fault {
  readonly kind: FaultKind;
  readonly column: string;
  /** Share of the rows, above 0 and at most 1. */
  readonly share: number;
  /** What `kind` needs besides: a factor, a number, a column. */
  readonly amount?: string;
}

export const FAULT_KINDS = ['unit', 'offset', 'shift', 'null', 'stale', 'clip', 'swap'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Reads KIND:COLUMN:SHARE[:AMOUNT]. Throws CONFIG_INVALID. */
export function parseFault(text: string): Fault {
  const [name, column = '', share = '', amount, ...rest] = text.split(':');
  const kind = FAULT_KINDS.find((known) => known === name);
  const part = Number(share);
  if (kind === undefined) throw wrong(text, `it begins with one of ${FAULT_KINDS.join(', ')}`);
  if (column === '' || rest.length > 0)
    throw wrong(text, 'it is KIND:COLUMN:SHARE or KIND:COLUMN:SHARE:AMOUNT');
  if (!(part > 0 && part <= 1))
    throw wrong(text, `the share of rows is above 0 and at most 1, not "${share}"`);
  if (kind === 'swap' && amount === undefined) throw wrong(text, 'swap needs the other column as AMOUNT');
  if (kind !== 'swap' && amount !== undefined && !Number.isFinite(Number(amount)))
    throw wrong(text, `AMOUNT is a number, not "${amount}"`);
  return { kind, column, share: part, ...(amount === undefined ? {} : { amount }) };
}

/**
 * The columns as they would be with the fault in `share` of the rows that `affects` chooses. Every row draws one
 * number, so the rows of a smaller share are among those of a larger one.
 *
 * unit: times AMOUNT (100). offset: plus AMOUNT (one standard deviation of the column). shift: plus AMOUNT (0.5)
 * standard deviations. null: no value. stale: the value AMOUNT (100) rows earlier. clip: at most AMOUNT (the
 * column's median). swap: the values of the column AMOUNT and this one exchanged.
 */
export function injectFault(args: {
  table: Table;
  fault: Fault;
  share: number;
  affects: (row: number) => boolean;
  random: () => number;
}): Map<string, Column> {
  const { table, fault, share } = args;
  const column = columnOf(table, fault.column);
  const rows: number[] = [];
  for (let row = 0; row < table.rows; row += 1) {
    const drawn = args.random();
    if (drawn < share && args.affects(row)) rows.push(row);
  }
  if (fault.kind === 'swap') {
    const other = columnOf(table, fault.amount ?? '');
    if (other.form !== column.form)
      throw wrong(
        `swap:${fault.column}`,
        `${other.name} holds ${other.form} and ${column.name} ${column.form} values`,
      );
    return new Map([
      [column.name, replaced(column, rows, (row) => valueAt(other, row))],
      [other.name, replaced(other, rows, (row) => valueAt(column, row))],
    ]);
  }
  return new Map([[column.name, replaced(column, rows, changeOf({ fault, column, table }))]]);
}

type Value = number | string | null;

function changeOf(args: { fault: Fault; column: Column; table: Table }): (row: number) => Value {
  const { fault, column, table } = args;
  const amount = fault.amount === undefined ? undefined : Number(fault.amount);
  if (fault.kind === 'null') return () => null;
  if (fault.kind === 'stale') return (row) => valueAt(column, Math.max(0, row - (amount ?? STALE_ROWS)));
  if (column.form !== 'number')
    throw wrong(`${fault.kind}:${fault.column}`, `${column.name} holds ${column.form} values, not numbers`);
  const onNumbers = (change: (x: number) => number) => (row: number) => {
    const x = column.number(row);
    return x === null ? null : change(x);
  };
  if (fault.kind === 'unit') return onNumbers((x) => x * (amount ?? UNIT));
  const sorted = sortedFinite(Array.from({ length: table.rows }, (_, row) => column.number(row)));
  if (fault.kind === 'clip') {
    const most = amount ?? quantile(sorted, 0.5);
    return onNumbers((x) => Math.min(x, most));
  }
  const deviation = standardDeviation(sorted);
  const step = fault.kind === 'shift' ? (amount ?? SHIFT) * deviation : (amount ?? deviation);
  return onNumbers((x) => x + step);
}

function replaced(column: Column, rows: readonly number[], change: (row: number) => Value): Column {
  return changedColumn(column, new Map(rows.map((row) => [row, change(row)])));
}

function valueAt(column: Column, row: number): Value {
  return column.form === 'number' ? column.number(row) : column.text(row);
}

function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / Math.max(1, values.length);
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, values.length - 1));
}

function columnOf(table: Table, name: string): Column {
  const column = table.columns.get(name);
  if (column !== undefined) return column;
  throw wrong(name, `there is no such column; columns are ${[...table.columns.keys()].join(', ')}`);
}

function wrong(what: string, why: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `The fault ${what} cannot be injected: ${why}.`,
    next: 'For example --inject unit:temperature_f:0.1 puts a wrong unit into a tenth of the rows.',
  });
}

const UNIT = 100;
const SHIFT = 0.5;
const STALE_ROWS = 100;
