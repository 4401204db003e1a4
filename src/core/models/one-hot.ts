import { countCategories } from './category.ts';
import type { CategoricalColumn } from './dataset.ts';
import type { CategoricalInput } from './model.ts';

/**
 * One-hot encoding of the most frequent categories. Rarer and unseen ones share a column, missing has
 * its own, so exactly one column of a row is 1.
 */
export function fitOneHot(
  column: CategoricalColumn,
  options: { readonly topK: number; readonly minRows: number },
): Extract<CategoricalInput, { treatment: 'one-hot' }> {
  return {
    treatment: 'one-hot',
    name: column.name,
    categories: countCategories(column.values)
      .filter(([, count]) => count >= options.minRows)
      .slice(0, options.topK)
      .map(([category]) => category),
  };
}
