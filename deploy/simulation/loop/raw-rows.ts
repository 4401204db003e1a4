import { inside } from './row-values.ts';
import type { LoggedRow } from './serving-log.ts';

/** Rows of the raw tables that have become readable. */
export interface RawRows {
  store(table: string, row: LoggedRow): void;
  all(table: unknown): LoggedRow[];
  /** Those whose event time is in a span. */
  between(table: unknown, fromMs: number, untilMs: number): LoggedRow[];
  /** From here on every insert of a row counts, as in a view that is fed by inserts; to plant a bug. */
  countEveryInsert(): void;
}

/** Rows by partition and offset: one that is stored again replaces itself. */
export function openRawRows(): RawRows {
  const tables = new Map<string, Map<string, LoggedRow>>();
  let additive = false;
  let inserts = 0;

  function all(table: unknown): LoggedRow[] {
    return [...(tables.get(String(table))?.values() ?? [])];
  }

  return {
    all,
    between: (table, fromMs, untilMs) =>
      all(table).filter(({ eventTimeMs }) => inside(eventTimeMs, fromMs, untilMs)),
    store(table, row) {
      inserts += 1;
      const kept = tables.get(table) ?? new Map<string, LoggedRow>();
      tables.set(table, kept);
      kept.set(`${row.partition}/${row.offset}${additive ? `/${inserts}` : ''}`, row);
    },
    countEveryInsert() {
      additive = true;
    },
  };
}
