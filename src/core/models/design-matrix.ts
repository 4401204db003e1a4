import { DriftwatchError } from '../../errors.ts';
import { categoryOf } from './category.ts';
import type { CategoricalColumn, Dataset, NumericColumn } from './dataset.ts';
import { bucketsOf } from './hashing.ts';
import type { CategoricalInput, Codes, NumericInput } from './model.ts';
import { standardise } from './standardise.ts';
import { HOURS, timeParts, WEEKDAYS } from './time-parts.ts';

export interface Inputs {
  readonly numeric: readonly NumericInput[];
  readonly categorical: readonly CategoricalInput[];
}

/**
 * The estimator's columns for the given rows, in the order that `Model` documents, computed in
 * float32 step by step as the exported graph does. Columns of the dataset are found by name.
 * Throws INVARIANT_BROKEN when one is absent.
 */
export function designMatrix(inputs: Inputs, dataset: Dataset): readonly Float32Array[] {
  const columns: Float32Array[] = [];
  for (const input of inputs.numeric) {
    columns.push(...numericColumns(input, find(dataset.numeric, input.name)));
  }
  for (const input of inputs.categorical) {
    columns.push(...categoricalColumns(input, find(dataset.categorical, input.name)));
  }
  return columns;
}

/** How many columns the inputs make. */
export function designWidth(inputs: Inputs): number {
  return [...inputs.numeric, ...inputs.categorical].reduce((sum, input) => sum + inputWidth(input), 0);
}

/** How many columns one input makes. */
export function inputWidth(input: NumericInput | CategoricalInput): number {
  switch (input.treatment) {
    case 'as-is':
    case 'codes':
      return 1;
    case 'standardise':
      return input.missingColumn ? 2 : 1;
    case 'time':
      return input.form === 'numbers' ? 2 : HOURS + WEEKDAYS;
    case 'one-hot':
      return input.categories.length + 2;
    case 'class-codes':
      return input.classes.length;
    case 'hashed':
      return input.buckets + 1;
  }
}

function numericColumns(input: NumericInput, column: NumericColumn): Float32Array[] {
  if (input.treatment === 'as-is') return [Float32Array.from(column.values)];
  if (input.treatment === 'time') {
    const { hour, weekday } = timeParts(column.values);
    return input.form === 'numbers'
      ? [hour, weekday]
      : [...hotColumns(hour, HOURS), ...hotColumns(weekday, WEEKDAYS)];
  }
  const values = Float32Array.from(column.values, (value) => standardise(input, value));
  if (!input.missingColumn) return [values];
  return [values, Float32Array.from(column.values, (value) => (Number.isNaN(value) ? 1 : 0))];
}

function categoricalColumns(input: CategoricalInput, column: CategoricalColumn): Float32Array[] {
  if (input.treatment === 'hashed') {
    return hotColumns(bucketsOf(column.values, input.buckets), input.buckets + 1);
  }
  if (input.treatment === 'codes') return [codeColumn(input, column)];
  if (input.treatment === 'class-codes') return input.classes.map((of) => codeColumn(of, column));
  const other = input.categories.length;
  const slotOf = new Map(input.categories.map((category, slot) => [category, slot]));
  const slots = Int32Array.from(column.values, (value) => {
    const category = categoryOf(value);
    return category === null ? other + 1 : (slotOf.get(category) ?? other);
  });
  return hotColumns(slots, other + 2);
}

function codeColumn(input: Omit<Codes, 'treatment' | 'name'>, column: CategoricalColumn): Float32Array {
  const codes = new Map(input.categories.map((category, at) => [category, input.codes[at] ?? input.unseen]));
  return Float32Array.from(column.values, (value) => {
    const category = categoryOf(value);
    return category === null ? input.missing : (codes.get(category) ?? input.unseen);
  });
}

/** One column per slot, 1 in the slot of the row; a slot that is NaN gets no 1. */
function hotColumns(slots: ArrayLike<number>, count: number): Float32Array[] {
  const columns = Array.from({ length: count }, () => new Float32Array(slots.length));
  for (let row = 0; row < slots.length; row += 1) {
    const hot = columns[slots[row] ?? Number.NaN];
    if (hot !== undefined) hot[row] = 1;
  }
  return columns;
}

function find<T extends { readonly name: string }>(columns: readonly T[], name: string): T {
  const found = columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The model reads "${name}", but the rows have no such column.`,
    next: 'Give every input of the model a column; fill it with missing values when nothing is known.',
  });
}
