import type { Dataset } from './dataset.ts';

/** A value of one feature: NaN and null stand for a missing one. */
export type FeatureValue = number | string | null;

/**
 * The rows with another value of one feature in each: `valueAt` answers what a row has instead of what it had.
 * Every other column is shared with the rows given. Undefined when there is no such feature.
 */
export function replaceColumn(
  rows: Dataset,
  feature: string,
  valueAt: (row: number, had: FeatureValue) => FeatureValue,
): Dataset | undefined {
  const number = rows.numeric.findIndex(({ name }) => name === feature);
  const text = rows.categorical.findIndex(({ name }) => name === feature);
  if (number >= 0) {
    const numeric = rows.numeric.map((column, at) =>
      at === number
        ? { ...column, values: column.values.map((had, row) => toNumber(valueAt(row, had))) }
        : column,
    );
    return { ...rows, numeric };
  }
  if (text < 0) return undefined;
  const categorical = rows.categorical.map((column, at) =>
    at === text ? { ...column, values: column.values.map((had, row) => toText(valueAt(row, had))) } : column,
  );
  return { ...rows, categorical };
}

/** The value of one feature in one row; undefined when there is no such feature. */
export function featureValue(rows: Dataset, feature: string, row: number): FeatureValue | undefined {
  const number = rows.numeric.find(({ name }) => name === feature);
  if (number !== undefined) {
    const value = number.values[row] ?? Number.NaN;
    return Number.isNaN(value) ? null : value;
  }
  const text = rows.categorical.find(({ name }) => name === feature);
  return text === undefined ? undefined : (text.values[row] ?? null);
}

/** Names of all features, numeric ones first. */
export function featureNames(rows: Dataset): string[] {
  return [...rows.numeric, ...rows.categorical].map(({ name }) => name);
}

function toNumber(value: FeatureValue): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function toText(value: FeatureValue): string | null {
  if (value === null) return null;
  return typeof value === 'number' ? `${value}` : value;
}
