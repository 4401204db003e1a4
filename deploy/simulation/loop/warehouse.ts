import { paneOf } from '../../../src/core/windows/pane.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import type { ClickHouse, Params } from '../../../src/io/clickhouse/client.ts';
import type { Fence } from '../../../src/io/clickhouse/fence.ts';
import type { Disk } from '../disk.ts';
import type { Machine } from '../machine.ts';
import { travelMs, type World } from '../world.ts';
import { binOf, EDGES, REFERENCE_PANES } from './reference-panes.ts';
import { type LoggedRow, MODEL, PANE_MS } from './serving-log.ts';

type Row = Readonly<Record<string, unknown>>;

/** The tables that decisions read and write, beside those of ingest. */
export interface Warehouse {
  /** Row of a raw table has become readable. */
  store(table: string, row: LoggedRow): void;
  /** Answers what it knows; everything else goes on to ingest's tables. */
  open(machine: Machine, ingest: ClickHouse): ClickHouse;
  verdicts(): readonly Row[];
  incidents(): readonly Row[];
  outbox(): readonly Row[];
  marks(): readonly Row[];
  /** From here on panes count every insert of a row, as a view would that is fed by inserts; to plant a bug. */
  countEveryInsert(): void;
  onProgress(heard: (stage: string, streamTimeMs: number) => void): void;
}

/**
 * Replacing tables, each by its sort key: of rows with one key the one with the larger version is read, without a
 * version the last to come. INSERT ... SELECT reads when it arrives and can be read later; it looks at the fence when it
 * arrives too, and can be killed until it can be read. Nothing can be written while the disk is full. What the statements
 * compute is counted here by hand, once over: bins of one numeric feature without segments, and its joins by id.
 */
export function openWarehouse(world: World, disk: Disk): Warehouse {
  const raw = new Map<string, Map<string, LoggedRow>>();
  const tables = new Map<string, Map<string, Row>>();
  /** Statements under way, by name. */
  const running = new Set<{ readonly tag: string; killed: boolean }>();
  let additive = false;
  let inserts = 0;
  const listeners: ((stage: string, streamTimeMs: number) => void)[] = [];

  function put(table: string, row: Row): void {
    const kept = tables.get(table) ?? new Map<string, Row>();
    tables.set(table, kept);
    const key = (KEYS[table] ?? []).map((column) => String(row[column])).join('\u0000');
    const before = kept.get(key);
    const version = VERSIONS[table];
    if (before !== undefined && version !== undefined && Number(before[version]) > Number(row[version]))
      return;
    kept.set(key, row);
    if (table === 'progress')
      for (const heard of listeners) heard(String(row['stage']), Date.parse(String(row['stream_time'])));
  }

  function all(table: string): Row[] {
    return [...(tables.get(table)?.values() ?? [])];
  }

  function rawRows(table: unknown): LoggedRow[] {
    return [...(raw.get(String(table))?.values() ?? [])];
  }

  function rowsOf(table: unknown, fromMs: number, untilMs: number): LoggedRow[] {
    return rawRows(table).filter(({ eventTimeMs }) => inside(eventTimeMs, fromMs, untilMs));
  }

  function revisions(params: Params): Row[] {
    return all('pane_revisions')
      .filter((row) => row['stream'] === params['stream'] && row['bins_id'] === params['bins_id'])
      .sort((a, b) => msOf(a['pane_start']) - msOf(b['pane_start']));
  }

  function answerTo(name: string, params: Params): readonly Row[] | undefined {
    const fromMs = msOf(params['from'] ?? 0);
    const untilMs = msOf(params['until'] ?? 0);
    switch (name) {
      case 'first-version':
        return [{ version: 'v1' }];
      case 'model-version':
        return [VERSION];
      case 'reference-window':
        return [{ reference_id: params['reference_id'] }];
      case 'bins-of':
        return ['x', 'prediction'].map((feature) => ({
          feature,
          kind: 'numeric',
          edges: EDGES,
          categories: [],
          others: [],
        }));
      case 'first-row': {
        const rows = rawRows(params['table']);
        const first = rows.reduce((min, row) => Math.min(min, row.eventTimeMs), Number.MAX_SAFE_INTEGER);
        return rows.length === 0
          ? [{ event_time: iso(0), rows: 0 }]
          : [{ event_time: iso(first), rows: rows.length }];
      }
      case 'serving-version':
        return rowsOf(params['table'], fromMs, untilMs).length === 0 ? [] : [{ version: 'v1' }];
      case 'pane-counts': {
        if (params['stream'] === 'reference') return REFERENCE_PANES;
        const named = revisions(params).filter((row) => inside(msOf(row['pane_start']), fromMs, untilMs));
        return named.flatMap((revision) =>
          all('panes').filter(
            (pane) =>
              pane['stream'] === params['stream'] &&
              pane['bins_id'] === params['bins_id'] &&
              pane['pane_start'] === revision['pane_start'] &&
              pane['revision'] === revision['revision'],
          ),
        );
      }
      case 'pane-revisions':
        return revisions(params);
      case 'pane-revision-of':
        return revisions(params).filter((row) => msOf(row['pane_start']) === msOf(params['pane_start']));
      case 'pane-revision-before':
        return revisions(params)
          .filter((row) => msOf(row['pane_start']) < msOf(params['pane_start']))
          .slice(-1);
      case 'pane-sources':
        return sourcesOf(
          rowsOf(params['table'], fromMs, untilMs),
          rowsOf(params['also'], msOf(params['also_from']), msOf(params['also_until'])),
        );
      case 'skew-counts':
        return all('skew_panes').filter(
          (row) => msOf(row['pane_start']) === fromMs && row['revision'] === params['revision'],
        );
      case 'pane-rows': {
        const counts = new Map<number, number>();
        for (const { eventTimeMs } of rawRows(params['table'])) {
          const pane = paneOf(eventTimeMs, PANE_MS);
          counts.set(pane, (counts.get(pane) ?? 0) + 1);
        }
        return [...counts].map(([pane, rows]) => ({ pane_start: iso(pane), rows }));
      }
      case 'schema-usage':
        return [];
      case 'progress-of':
        return all('progress');
      case 'verdicts-of-window':
        return newestVerdicts(all('verdicts')).filter(
          (row) => row['window_start'] === params['window_start'],
        );
      case 'hours-of-offsets': {
        const hours = new Set<number>();
        for (const { partition, offset, eventTimeMs } of rawRows(params['table'])) {
          if (partition !== params['partition']) continue;
          if (inside(offset, Number(params['from']), Number(params['until'])))
            hours.add(paneOf(eventTimeMs, PANE_MS));
        }
        return [...hours].map((hour) => ({ hour: iso(hour) }));
      }
      case 'incident-rows':
        return all('incidents').toSorted((a, b) => textOf(a).localeCompare(textOf(b)));
      case 'finding-rows':
        return all('findings');
      case 'request-rows':
        return all('retrain_requests');
      case 'judged-revisions':
        return all('budget_ledger');
      case 'decision-lease-newest':
        return [
          { epoch: all('decision_leases').reduce((max, row) => Math.max(max, Number(row['epoch'])), 0) },
        ];
      case 'decision-lease-holds': {
        const lease = { epoch: Number(params['fence_epoch']), owner: String(params['fence_owner']) };
        return [{ holds: stands(lease) ? 1 : 0 }];
      }
      case 'events-put': {
        const about = [...all('incidents'), ...all('retrain_requests')].flatMap((row) => [
          row['incident_id'],
          row['request_id'],
        ]);
        return all('outbox').filter((row) => about.includes(row['key']));
      }
      case 'incident-change':
        return [];
      case 'incident-cost-estimated':
      case 'incident-cost-realised':
        return [{ rows: rowsOf(SERVING, fromMs, untilMs).length, nats: 0 }];
      case 'outbox-known':
        return all('outbox').filter((row) => among(params['ids']).includes(row['event_id']));
      case 'outbox-sequence':
        return [{ sequence: all('outbox').reduce((max, row) => Math.max(max, Number(row['sequence'])), 0) }];
      case 'outbox-pending': {
        const marked = new Set(all('outbox_marks').map((row) => row['event_id']));
        return all('outbox')
          .filter((row) => !marked.has(row['event_id']))
          .sort((a, b) => Number(a['sequence']) - Number(b['sequence']));
      }
      case 'outbox-last-marks': {
        const marks = all('outbox_marks').filter((row) => row['topic'] === params['topic']);
        return marks.length === 0
          ? []
          : [{ partition: 0, last: Math.max(...marks.map((row) => Number(row['offset']))) }];
      }
      default:
        return undefined;
    }
  }

  function stands(fence: Pick<Fence, 'epoch' | 'owner'> | undefined): boolean {
    return !all('decision_leases').some((row) => {
      const { epoch, owner } = fence ?? { epoch: Number.POSITIVE_INFINITY, owner: '' };
      return Number(row['epoch']) > epoch || (Number(row['epoch']) === epoch && String(row['owner']) > owner);
    });
  }

  /** What a statement writes, from what can be read now. */
  function reduced(name: string, params: Params): { table: string; rows: readonly Row[] } {
    const span = [msOf(params['from']), msOf(params['until'])] as const;
    if (name === 'skew-pane') {
      const sides = {
        training: rowsOf(params['training'], ...span),
        serving: rowsOf(params['serving'], ...span),
      };
      return { table: 'skew_panes', rows: skewRows(sides, params) };
    }
    const read = rowsOf(params['table'], ...span);
    const rows = among(params['bins_ids']).map((bins_id) => paneRow(read, { ...params, bins_id }));
    return { table: 'panes', rows: read.length > 0 ? rows : [] };
  }

  /** Reads now; what it writes can be read a little later. */
  function insertSelect(
    { name, params, fence }: { name: string; params: Params; fence: Fence | undefined },
    answer: (value: undefined) => void,
    refuse: (why: unknown) => void,
  ): void {
    const may = stands(fence);
    const mine = { tag: fence === undefined ? '' : fence.tag, killed: false };
    running.add(mine);
    const { table, rows } = reduced(name, params);
    world.after(world.strikes(0.05) ? 8_000 * world.random() : travelMs(world), () => {
      running.delete(mine);
      const why = mine.killed ? killed(mine.tag) : disk.refusal();
      if (why !== undefined) {
        refuse(why);
        return;
      }
      for (const row of may ? rows : []) put(table, row);
      answer(undefined);
    });
  }

  function under(prefix: string) {
    return [...running].filter(({ tag }) => tag.startsWith(prefix));
  }

  return {
    store(table, row) {
      inserts += 1;
      const kept = raw.get(table) ?? new Map<string, LoggedRow>();
      raw.set(table, kept);
      kept.set(`${row.partition}/${row.offset}${additive ? `/${inserts}` : ''}`, row);
    },
    countEveryInsert() {
      additive = true;
    },
    verdicts: () => newestVerdicts(all('verdicts')),
    incidents: () => all('incidents'),
    outbox: () => all('outbox'),
    marks: () => all('outbox_marks'),
    onProgress: (heard) => listeners.push(heard),
    open: (machine, ingest) => ({
      ...ingest,
      async rows(name, params, row) {
        const prefix = String(params['prefix']);
        if (!OWN.has(name) && !isOurs(name, prefix)) return ingest.rows(name, params, row);
        const found = await machine.ask(name, (answer: (rows: readonly Row[]) => void) => {
          const rows = isOurs(name, prefix) ? [{ running: under(prefix).length }] : answerTo(name, params);
          if (rows === undefined) throw notSimulated(name);
          answer(rows);
        });
        return found.map((each) => row.parse(each));
      },
      async run(name, params) {
        const prefix = String(params['prefix']);
        if (!isOurs(name, prefix)) return ingest.run(name, params);
        return machine.ask(name, (answer) => {
          for (const one of under(prefix)) one.killed = true;
          answer(undefined);
        });
      },
      runEach: ({ name, shared: params, fence }) =>
        name === 'pane-numeric' || name === 'skew-pane'
          ? machine.ask(name, (answer, refuse) => insertSelect({ name, params, fence }, answer, refuse))
          : Promise.reject(notSimulated(name)),
      insert(table, rows, fence) {
        if (!(table in KEYS)) return ingest.insert(table, rows);
        if (rows.length === 0) return Promise.resolve();
        return machine.ask(`insert into ${table}`, (answer, refuse) => {
          const full = disk.refusal();
          if (full !== undefined) {
            refuse(full);
            return;
          }
          if (stands(fence)) for (const row of rows) put(table, row);
          answer(undefined);
        });
      },
    }),
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
const OWN: ReadonlySet<string> = new Set([
  'first-version',
  'model-version',
  'reference-window',
  'bins-of',
  'first-row',
  'serving-version',
  'pane-counts',
  'pane-revisions',
  'pane-revision-of',
  'pane-revision-before',
  'pane-rows',
  'pane-sources',
  'skew-counts',
  'schema-usage',
  'progress-of',
  'verdicts-of-window',
  'hours-of-offsets',
  'incident-rows',
  'finding-rows',
  'request-rows',
  'judged-revisions',
  'events-put',
  'incident-change',
  'incident-cost-estimated',
  'incident-cost-realised',
  'outbox-known',
  'outbox-sequence',
  'outbox-pending',
  'outbox-last-marks',
  'decision-lease-newest',
  'decision-lease-holds',
]);

/** Statements under way are asked for and killed by name; those of decisions are here. */
function isOurs(name: string, prefix: string): boolean {
  return (name === 'inserts-running' || name === 'inserts-kill') && prefix.startsWith('decide:');
}

function paneRow(rows: readonly LoggedRow[], params: Params): Row {
  const counts = new Map<number, number>();
  for (const { x } of rows) counts.set(binOf(x), (counts.get(binOf(x)) ?? 0) + 1);
  const bins = [...counts].sort(([a], [b]) => a - b);
  // In one order, so that a sum is the same double whoever computes it.
  const values = rows.flatMap(({ x }) => x ?? []).sort((a, b) => a - b);
  return {
    stream: params['stream'],
    bins_id: params['bins_id'],
    pane_start: iso(msOf(params['from'])),
    revision: params['revision'],
    segment: '',
    feature: 'x',
    n: rows.length,
    codes: bins.map(([code]) => code),
    counts: bins.map(([, count]) => count),
    finite: values.length,
    total: values.reduce((sum, value) => sum + value, 0),
    squares: values.reduce((sum, value) => sum + value * value, 0),
    minimum: values[0] ?? null,
    maximum: values.at(-1) ?? null,
    distinct: new Set(values).size,
    unexpected_values: [],
  };
}

/** The join by id of one pane, of the newest row of each id and partition. */
function skewRows(
  sides: { training: readonly LoggedRow[]; serving: readonly LoggedRow[] },
  params: Params,
): Row[] {
  const training = new Map(sides.training.map((row) => [row.id, row]));
  const serving = new Map(sides.serving.map((row) => [row.id, row]));
  const joined = [...serving].flatMap(([name, row]) => {
    const other = training.get(name);
    return other === undefined ? [] : [{ a: other.x, b: row.x }];
  });
  const count = (of: (pair: { a: number | undefined; b: number | undefined }) => boolean) =>
    joined.filter(of).length;
  if (training.size + serving.size === 0) return [];
  return [
    {
      pane_start: iso(msOf(params['from'])),
      revision: params['revision'],
      segment: '',
      feature: 'x',
      joined: joined.length,
      training_only: training.size - joined.length,
      serving_only: serving.size - joined.length,
      matches: count(({ a, b }) => a !== undefined && a === b),
      mismatches: count(({ a, b }) => a !== undefined && b !== undefined && a !== b),
      training_value_only: count(({ a, b }) => a !== undefined && b === undefined),
      serving_value_only: count(({ a, b }) => a === undefined && b !== undefined),
      both_null: count(({ a, b }) => a === undefined && b === undefined),
      difference: 0,
      training_total: 0,
      serving_total: 0,
    },
  ];
}

/** Of one pane, and of what it is joined to. */
function sourcesOf(rows: readonly LoggedRow[], also: readonly LoggedRow[]): Row[] {
  const [first] = rows;
  if (first === undefined) return [];
  const own = rangesOf(rows);
  const joined = rangesOf(also);
  return [
    {
      pane_start: iso(paneOf(first.eventTimeMs, PANE_MS)),
      own_rows: rows.length,
      rows: rows.length + also.length,
      partitions: own.partitions,
      first_offsets: own.first,
      end_offsets: own.end,
      joined_partitions: joined.partitions,
      joined_first_offsets: joined.first,
      joined_end_offsets: joined.end,
    },
  ];
}

function rangesOf(rows: readonly LoggedRow[]) {
  const partitions = [...new Set(rows.map(({ partition }) => partition))].sort((a, b) => a - b);
  const offsets = (partition: number) =>
    rows.filter((row) => row.partition === partition).map(({ offset }) => offset);
  return {
    partitions,
    first: partitions.map((partition) => Math.min(...offsets(partition))),
    end: partitions.map((partition) => Math.max(...offsets(partition)) + 1),
  };
}

/** As the view drift_history shows them. */
function newestVerdicts(rows: readonly Row[]): Row[] {
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

const SERVING = `serving_${MODEL}`;

const VERSION: Row = {
  version: 'v1',
  topic: `training.${MODEL}`,
  partitions: [0],
  first_offsets: [0],
  end_offsets: [1],
  window_start: iso(0),
  window_end: iso(PANE_MS),
  snapshot_rows: 1,
  baseline_log_loss: 0.5,
  baseline_log_loss_sd: 0.5,
  validation_rows: 1,
  metrics: '',
};

/** Order of incident and revision. */
function textOf(row: Row): string {
  return `${String(row['incident_id'])} ${String(row['revision']).padStart(6, '0')}`;
}

function inside(value: number, from: number, until: number): boolean {
  return value >= from && value < until;
}

function among(ids: unknown): readonly unknown[] {
  return Array.isArray(ids) ? ids : [];
}

function msOf(value: unknown): number {
  return value instanceof Date
    ? value.getTime()
    : typeof value === 'string'
      ? Date.parse(value)
      : Number(value);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function killed(tag: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CLICKHOUSE_REFUSED',
    message: `The statement ${tag} was killed.`,
    next: 'What it was for is done again.',
  });
}

function notSimulated(what: string): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The simulated warehouse does not know ${what}.`,
    next: 'Teach it in deploy/simulation/loop/warehouse.ts.',
  });
}
