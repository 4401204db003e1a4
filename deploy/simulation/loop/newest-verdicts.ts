import type { Row } from './replacing-tables.ts';

/** Of each verdict its newest revision, as the view drift_history shows them. */
export function newestVerdicts(rows: readonly Row[]): Row[] {
  const newest = new Map<string, Row>();
  for (const row of rows) {
    const key = ['kind', 'window_start', 'feature', 'segment', 'statistic']
      .map((name) => row[name])
      .join('\u0000');
    const before = newest.get(key);
    if (before === undefined || Number(before['revision']) < Number(row['revision'])) newest.set(key, row);
  }
  return [...newest.values()];
}
