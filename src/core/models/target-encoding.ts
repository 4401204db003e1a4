import type { Random } from '../random.ts';
import { shuffledPositions } from '../random.ts';
import { categoryOf, countCategories } from './category.ts';
import type { CategoricalColumn } from './dataset.ts';
import type { Codes } from './model.ts';

export interface TargetEncodingOptions {
  /** Rows of prior: a category with this many rows gets half its own mean and half the overall one. */
  readonly smoothing: number;
  /** Categories kept, by frequency; the rest share the code of unseen ones. */
  readonly maxCategories: number;
}

/**
 * Smoothed target encoding: code = (sum of labels + smoothing * overall mean) / (rows + smoothing).
 * Missing is a category of its own; unseen gets the overall mean. Codes are float32 values.
 * It misleads when fitted and applied to the same rows: a rare category then carries its own labels.
 * Use `outOfFoldCodes` for the rows that the trees learn from.
 * Source: Micci-Barreca, SIGKDD Explorations 3(1), 2001, doi:10.1145/507533.507538.
 */
export function fitTargetEncoding(
  column: CategoricalColumn,
  label: Float64Array,
  options: TargetEncodingOptions,
): Codes {
  const categories = countCategories(column.values)
    .slice(0, options.maxCategories)
    .map(([category]) => category);
  const slots = slotsOf(column, categories);
  const { sums, rows } = sumBySlot(slots, label, categories.length + 2);
  const overall = total(sums) / Math.max(1, total(rows));
  const code = (slot: number) =>
    Math.fround(
      ((sums[slot] ?? 0) + options.smoothing * overall) / ((rows[slot] ?? 0) + options.smoothing || 1),
    );
  return {
    treatment: 'codes',
    name: column.name,
    categories,
    codes: categories.map((_, slot) => code(slot)),
    missing: (rows[categories.length] ?? 0) === 0 ? Math.fround(overall) : code(categories.length),
    unseen: Math.fround(overall),
  };
}

/**
 * Codes of the training rows, each from the other folds only, so that no row sees its own label.
 * Rows are dealt to folds at random. Same categories as the fitted encoding.
 */
export function outOfFoldCodes(args: {
  column: CategoricalColumn;
  label: Float64Array;
  fitted: Codes;
  folds: number;
  smoothing: number;
  random: Random;
}): Float32Array {
  const { column, label, fitted, folds, smoothing, random } = args;
  const slots = slotsOf(column, fitted.categories);
  const slotCount = fitted.categories.length + 2;
  const all = sumBySlot(slots, label, slotCount);
  const order = shuffledPositions(random, slots.length);
  const codes = new Float32Array(slots.length);
  for (let fold = 0; fold < folds; fold += 1) {
    const sums = all.sums.slice();
    const rows = all.rows.slice();
    for (let at = fold; at < order.length; at += folds) {
      const row = order[at] ?? 0;
      const slot = slots[row] ?? 0;
      sums[slot] = (sums[slot] ?? 0) - (label[row] ?? 0);
      rows[slot] = (rows[slot] ?? 0) - 1;
    }
    const overall = total(sums) / Math.max(1, total(rows));
    for (let at = fold; at < order.length; at += folds) {
      const row = order[at] ?? 0;
      const slot = slots[row] ?? 0;
      // Rare categories beyond the kept ones are scored as unseen, so they are learnt as unseen.
      codes[row] =
        slot === slotCount - 1
          ? overall
          : ((sums[slot] ?? 0) + smoothing * overall) / ((rows[slot] ?? 0) + smoothing || 1);
    }
  }
  return codes;
}

/** Position of each row's category; then one slot for missing and one for any other. */
function slotsOf(column: CategoricalColumn, categories: readonly string[]): Int32Array {
  const slotOf = new Map(categories.map((category, slot) => [category, slot]));
  return Int32Array.from(column.values, (value) => {
    const category = categoryOf(value);
    return category === null ? categories.length : (slotOf.get(category) ?? categories.length + 1);
  });
}

function sumBySlot(slots: Int32Array, label: Float64Array, slotCount: number) {
  const sums = new Float64Array(slotCount);
  const rows = new Float64Array(slotCount);
  for (let row = 0; row < slots.length; row += 1) {
    const slot = slots[row] ?? 0;
    sums[slot] = (sums[slot] ?? 0) + (label[row] ?? 0);
    rows[slot] = (rows[slot] ?? 0) + 1;
  }
  return { sums, rows };
}

function total(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
