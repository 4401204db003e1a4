export type Row = Readonly<Record<string, unknown>>;

/** The tables that decisions are kept in. */
export interface ReplacingTables {
  has(table: string): boolean;
  /** False when a row with a larger version is there, which stays. */
  put(table: string, row: Row): boolean;
  all(table: string): Row[];
}

/**
 * Replacing tables, each by its sort key: of rows with one key the one with the larger version is read, without a
 * version the last to come.
 */
export function openReplacingTables(): ReplacingTables {
  const tables = new Map<string, Map<string, Row>>();
  return {
    has: (table) => table in KEYS,
    put(table, row) {
      const kept = tables.get(table) ?? new Map<string, Row>();
      tables.set(table, kept);
      const key = (KEYS[table] ?? []).map((column) => String(row[column])).join('\u0000');
      const before = kept.get(key);
      const version = VERSIONS[table];
      if (before !== undefined && version !== undefined && Number(before[version]) > Number(row[version]))
        return false;
      kept.set(key, row);
      return true;
    },
    all: (table) => [...(tables.get(table)?.values() ?? [])],
  };
}

/** Sort keys of the replacing tables, as in schemas/clickhouse. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  skew_panes: ['pane_start', 'revision', 'segment', 'feature'],
  panes: ['stream', 'bins_id', 'pane_start', 'revision', 'feature', 'segment'],
  pane_revisions: ['stream', 'bins_id', 'pane_start'],
  verdicts: ['kind', 'window_start', 'feature', 'segment', 'statistic', 'revision'],
  progress: ['model', 'stage'],
  findings: ['finding_id'],
  incidents: ['incident_id', 'revision'],
  retrain_requests: ['request_id'],
  budget_ledger: ['stage', 'window_start', 'revision'],
  outbox: ['topic', 'event_id'],
  outbox_marks: ['topic', 'event_id'],
  decision_leases: ['model', 'epoch', 'owner'],
};
const VERSIONS: Readonly<Record<string, string>> = {
  pane_revisions: 'revision',
  progress: 'version',
  findings: 'revision',
};
