import type { CategoricalColumn } from './dataset.ts';
import type { Codes } from './model.ts';
import { fitTargetEncoding, type TargetEncodingOptions } from './target-encoding.ts';

/**
 * A whole number per category, for trees that divide categories into sets: its place in the order of the smoothed mean
 * label, then one number for unseen and one for missing. Only which categories are alike is read from these numbers;
 * the order keeps sets that are alike next to each other.
 */
export function fitSubsetCodes(
  column: CategoricalColumn,
  label: Float64Array,
  options: TargetEncodingOptions,
): Codes {
  const maxCategories = Math.min(options.maxCategories, MOST);
  const { name, categories, codes } = fitTargetEncoding(column, label, { ...options, maxCategories });
  const order = Array.from(categories.keys()).sort((a, b) => (codes[a] ?? 0) - (codes[b] ?? 0) || a - b);
  const places = new Array<number>(order.length).fill(0);
  order.forEach((category, place) => {
    places[category] = place;
  });
  const count = categories.length;
  return { treatment: 'codes', name, categories, codes: places, unseen: count, missing: count + 1 };
}

/** Edges between the codes, so that each has a bin of its own. */
export function subsetCodeEdges({ categories }: Codes): Float32Array {
  return Float32Array.from({ length: categories.length + 1 }, (_, code) => code + 0.5);
}

/** A bin per category, two for unseen and missing and one that stays empty have to fit a byte. */
const MOST = 252;
