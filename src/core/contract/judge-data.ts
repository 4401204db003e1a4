import type { Column, Table } from '../windows/column.ts';
import type { Field } from './contract.ts';
import { editToDomain, editToPresence, editToRange, editWithoutDomain } from './contract-edit.ts';
import type { ContractEdit } from './schema-skew.ts';

/**
 * Rows against what the contract says of their values, in TensorFlow Data Validation's classes: numbers outside of
 * `range`, texts that are not in `domain`, fewer values than `presence`. One answer per field and class, with the
 * edit of the contract that would allow what was found: the range as far as the values go, the domain with the new
 * texts (or none when there are more than 100 of them), the share of values there is.
 *
 * Every violation counts, however rare, as it does there. NaN and infinities are no matter of range. Columns that
 * the table does not have are not judged: that is about the schema (see judge-writer-schema). Pure.
 */
export function judgeData(args: { fields: readonly Field[]; table: Table }): DataSkew[] {
  return args.fields.flatMap((field) => {
    const column = args.table.columns.get(field.name);
    if (column === undefined || args.table.rows === 0) return [];
    return [
      ...ofRange(field, column, args.table.rows),
      ...ofDomain(field, column, args.table.rows),
      ...ofPresence(field, column, args.table.rows),
    ];
  });
}

export const DATA_SKEW_CLASSES = [
  'FLOAT_TYPE_SMALL_FLOAT',
  'FLOAT_TYPE_BIG_FLOAT',
  'INT_TYPE_SMALL_INT',
  'INT_TYPE_BIG_INT',
  'ENUM_TYPE_UNEXPECTED_STRING_VALUES',
  'FEATURE_TYPE_LOW_FRACTION_PRESENT',
] as const;

export interface DataSkew {
  readonly class: (typeof DATA_SKEW_CLASSES)[number];
  readonly field: string;
  readonly detail: string;
  /** Rows that break the rule, of how many. */
  readonly count: number;
  readonly n: number;
  /** Values never make rows unstorable. */
  readonly refuses: false;
  readonly edit?: ContractEdit;
}

function ofRange(field: Field, column: Column, rows: number): DataSkew[] {
  const { range } = field;
  if (range === undefined || field.kind !== 'numeric') return [];
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range;
  let [small, big, least, most] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < rows; row += 1) {
    const value = column.number(row);
    if (value === null || !Number.isFinite(value)) continue;
    if (value < min) small += 1;
    if (value > max) big += 1;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const whole = field.avro === 'int' || field.avro === 'long';
  // One edit for both ends: two of them would each undo the other.
  const edit = editToRange(field, {
    ...(range.min === undefined ? {} : { min: Math.min(range.min, least) }),
    ...(range.max === undefined ? {} : { max: Math.max(range.max, most) }),
  });
  const skew = (name: DataSkew['class'], count: number, said: string): DataSkew[] =>
    count === 0
      ? []
      : [{ class: name, field: field.name, detail: said, count, n: rows, refuses: false, ...edit }];
  return [
    ...skew(
      whole ? 'INT_TYPE_SMALL_INT' : 'FLOAT_TYPE_SMALL_FLOAT',
      small,
      `${small} of ${rows} values of "${field.name}" are below ${min}, the least is ${least}.`,
    ),
    ...skew(
      whole ? 'INT_TYPE_BIG_INT' : 'FLOAT_TYPE_BIG_FLOAT',
      big,
      `${big} of ${rows} values of "${field.name}" are above ${max}, the largest is ${most}.`,
    ),
  ];
}

function ofDomain(field: Field, column: Column, rows: number): DataSkew[] {
  const { domain } = field;
  if (domain === undefined) return [];
  const known = new Set(domain);
  const foreign = new Map<string, number>();
  for (let row = 0; row < rows; row += 1) {
    const text = column.text(row);
    if (text !== null && !known.has(text)) foreign.set(text, (foreign.get(text) ?? 0) + 1);
  }
  if (foreign.size === 0) return [];
  const sorted = [...foreign].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const count = sorted.reduce((sum, [, times]) => sum + times, 0);
  const shown = sorted.slice(0, SHOWN).map(([text, times]) => `"${text}" (${times})`);
  const more = sorted.length > SHOWN ? ` and ${sorted.length - SHOWN} more` : '';
  const edit =
    foreign.size > MOST_VALUES
      ? editWithoutDomain(field)
      : editToDomain(field, sorted.map(([text]) => text).sort());
  return [
    {
      class: 'ENUM_TYPE_UNEXPECTED_STRING_VALUES',
      field: field.name,
      detail: `${count} of ${rows} values of "${field.name}" are not in its domain of ${domain.length}: ${shown.join(', ')}${more}.`,
      count,
      n: rows,
      refuses: false,
      ...edit,
    },
  ];
}

function ofPresence(field: Field, column: Column, rows: number): DataSkew[] {
  if (field.presence === undefined) return [];
  let missing = 0;
  for (let row = 0; row < rows; row += 1)
    if (column.text(row) === null && column.number(row) === null) missing += 1;
  const present = 1 - missing / rows;
  if (present >= field.presence) return [];
  return [
    {
      class: 'FEATURE_TYPE_LOW_FRACTION_PRESENT',
      field: field.name,
      detail: `${missing} of ${rows} rows have no "${field.name}", the contract asks for a presence of ${field.presence}.`,
      count: missing,
      n: rows,
      refuses: false,
      ...editToPresence(field, present),
    },
  ];
}

const SHOWN = 5;
/** New texts beyond which it is no domain any more. */
const MOST_VALUES = 100;
