/**
 * The ClickHouse partition a row belongs to, as a number like 201303: the month (UTC) of its event
 * time clamped to 2000 to 2099, so that a broken clock cannot open partitions without end. One insert
 * must stay within one month to be one part. The same rule stands in templates/raw-table.sql.
 */
export function storageMonth(eventTimeMs: number): number {
  const date = new Date(Math.min(Math.max(eventTimeMs, FIRST_MS), LAST_MS));
  return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1;
}

const FIRST_MS = Date.UTC(2000, 0, 1);
const LAST_MS = Date.UTC(2099, 11, 31, 23, 59, 59);
