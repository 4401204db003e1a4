import type { Column } from '../statistic.ts';

/** How often each value occurs, null and NaN left out. Undefined for columns that keep no single values. */
export function valueCounts(column: Column): ReadonlyMap<string | number, number> | undefined {
  if (column.form === 'counts' || column.form === 'vectors') return undefined;
  const counts = new Map<string | number, number>();
  const { values } = column;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value === null || value === undefined || Number.isNaN(value)) continue;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}
