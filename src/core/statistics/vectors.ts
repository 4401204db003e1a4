import type { Column } from '../statistic.ts';

/**
 * Rows as points, each coordinate standardised by the reference's mean and standard deviation, for statistics
 * of the joint distribution. A column of numbers is a set of points with one coordinate. Rows with a missing
 * or non-finite coordinate, or of another length than the first reference row, are left out.
 * Undefined for columns that are not made of numbers.
 */
export function standardisedVectors(
  reference: Column,
  current: Column,
):
  | { readonly reference: Float64Array[]; readonly current: Float64Array[]; readonly width: number }
  | undefined {
  const a = rowsOf(reference);
  const b = rowsOf(current);
  if (a === undefined || b === undefined) return undefined;
  const width = a[0]?.length ?? 0;
  const usable = (row: ArrayLike<number>): boolean =>
    row.length === width && Array.from(row).every((x) => Math.abs(x) <= LARGEST);
  const kept = a.filter(usable);
  const means = new Float64Array(width);
  const scales = new Float64Array(width);
  for (let k = 0; k < width; k += 1) {
    const mean = kept.reduce((sum, row) => sum + (row[k] ?? 0), 0) / kept.length;
    const squares = kept.reduce((sum, row) => sum + ((row[k] ?? 0) - mean) ** 2, 0);
    means[k] = mean;
    // A constant coordinate keeps its own unit.
    scales[k] = Math.sqrt(squares / kept.length) || 1;
  }
  const standardise = (row: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: width }, (_, k) => ((row[k] ?? 0) - (means[k] ?? 0)) / (scales[k] ?? 1));
  return { reference: kept.map(standardise), current: b.filter(usable).map(standardise), width };
}

function rowsOf(column: Column): readonly ArrayLike<number>[] | undefined {
  if (column.form === 'vectors') return column.rows;
  if (column.form !== 'numbers') return undefined;
  return Array.from(column.values, (value) => [typeof value === 'number' ? value : Number.NaN]);
}

const LARGEST = 1e150;
