import { countCategories } from './category.ts';
import type { CategoricalColumn } from './dataset.ts';
import type { Codes } from './model.ts';

/**
 * Frequency encoding: the code of a category is its share of the fitted rows, 0 to 1; unseen is 0.
 * Needs no label and cannot leak one. It misleads when two categories of equal share behave differently:
 * they become one. Use target encoding then.
 */
export function fitFrequencyEncoding(
  column: CategoricalColumn,
  options: { readonly maxCategories: number },
): Codes {
  const counted = countCategories(column.values);
  const rows = Math.max(1, column.values.length);
  const present = counted.reduce((sum, [, count]) => sum + count, 0);
  const kept = counted.slice(0, options.maxCategories);
  return {
    treatment: 'codes',
    name: column.name,
    categories: kept.map(([category]) => category),
    codes: kept.map(([, count]) => Math.fround(count / rows)),
    missing: Math.fround((column.values.length - present) / rows),
    unseen: 0,
  };
}
