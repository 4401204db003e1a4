import { storageMonth } from '../../src/core/contract/storage-month.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { ClickHouse, Params } from '../../src/io/clickhouse/client.ts';
import type { Checker } from './checker.ts';
import type { Disk } from './disk.ts';
import type { Machine } from './machine.ts';
import { readContainer } from './read-container.ts';
import { travelMs, type World } from './world.ts';

/** What all processes share: raw rows, dead letters, tombstones, the ledger, and inserts under way. */
export interface Tables {
  /** ClickHouse as one process sees it. */
  open(machine: Machine): ClickHouse;
  floor(partition: number): number;
  consumed(partition: number): number;
}

export interface LedgerRow {
  readonly partition: number;
  readonly version: bigint;
  readonly epoch: number;
  readonly owner: string;
  readonly floor: number;
  readonly consumed: number;
  readonly maxEventTimeMs: number;
}

interface Running {
  readonly tag: string;
  killed: boolean;
}

/**
 * Replacing tables without their disk: an insert is atomic per ClickHouse partition (a month) and not beyond,
 * takes its time, can be killed meanwhile or find the disk full, and of two ledger rows of one version a merge leaves either.
 */
export function openTables(world: World, checker: Checker, disk: Disk): Tables {
  const ledger = new Map<number, LedgerRow[]>();
  const running = new Set<Running>();
  const known = new Map<string, { schema_id: number; verdict: string; began_ms: number }>();

  function newest(partition: number): LedgerRow | undefined {
    return ledger.get(partition)?.reduce((a, b) => (b.version > a.version ? b : a));
  }

  function writeLedger(row: LedgerRow): void {
    const before = newest(row.partition);
    checker.wrote(row);
    const rows = ledger.get(row.partition) ?? [];
    const twin = rows.findIndex(({ version }) => version === row.version);
    if (twin === -1) rows.push(row);
    // Both are there until a merge; by then it has been decided which one is read.
    else if (world.random() < 0.5) rows[twin] = row;
    ledger.set(row.partition, rows);
    const now = newest(row.partition);
    if (now !== undefined && now !== before) checker.floorMoved(before, now);
  }

  /** Writes the months of an insert one after the other, until done or killed. */
  function store(
    args: { table: string; rows: readonly Record<string, unknown>[]; tag: string },
    answer: (value: undefined) => void,
    refuse: (why: unknown) => void,
  ): void {
    const mine: Running = { tag: args.tag, killed: false };
    running.add(mine);
    const months = new Map<number, Record<string, unknown>[]>();
    for (const row of args.rows) {
      const time = row['event_time'];
      const month = typeof time === 'number' ? storageMonth(time) : 0;
      months.set(month, [...(months.get(month) ?? []), row]);
    }
    const parts = [...months.values()];
    const next = () => {
      const why = mine.killed ? killed(args.tag) : disk.refusal();
      if (why !== undefined) {
        running.delete(mine);
        refuse(why);
        return;
      }
      const part = parts.shift();
      for (const row of part ?? []) checker.stored(args.table, row);
      if (parts.length > 0) {
        world.after(travelMs(world), next);
        return;
      }
      running.delete(mine);
      answer(undefined);
    };
    world.after(world.strikes(0.05) ? 8_000 * world.random() : travelMs(world), next);
  }

  function answerTo(name: string, params: Params): readonly object[] {
    const partition = Number(params['partition']);
    switch (name) {
      case 'ledger-newest': {
        const row = newest(partition);
        if (row === undefined) return [];
        const { epoch, floor, consumed, maxEventTimeMs } = row;
        return [{ epoch, floor, consumed, max_event_time_ms: maxEventTimeMs }];
      }
      case 'ledger-rivals': {
        const { epoch, owner } = params;
        const rivals = (ledger.get(partition) ?? []).filter(
          (row) => row.epoch > Number(epoch) || (row.epoch === Number(epoch) && row.owner !== owner),
        );
        return [{ rivals: rivals.length }];
      }
      case 'ledger-owners':
        return [...ledger.keys()].map((at) => ({
          partition: at,
          epoch: newest(at)?.epoch,
          owner: newest(at)?.owner,
        }));
      case 'ledger-floors':
        return [...ledger.keys()].map((at) => ({
          topic: checker.topic,
          partition: at,
          floor: newest(at)?.floor,
        }));
      case 'ledger-marks':
        return [...ledger.keys()].map((at) => ({
          topic: checker.topic,
          partition: at,
          floor: newest(at)?.floor,
          max_event_time: new Date(newest(at)?.maxEventTimeMs ?? 0).toISOString(),
        }));
      case 'inserts-running': {
        const prefix = String(params['prefix']);
        return [{ running: [...running].filter(({ tag }) => tag.startsWith(prefix)).length }];
      }
      case 'stored-islands':
        return islandsOf(checker.accounted(partition, Number(params['floor'])));
      case 'writer-schemas-known':
        return [...known.values()];
      default:
        throw notSimulated(name);
    }
  }

  return {
    floor: (partition) => newest(partition)?.floor ?? 0,
    consumed: (partition) => newest(partition)?.consumed ?? 0,
    open: (machine) => ({
      async rows(name, params, row) {
        const rows = await machine.ask(name, (answer: (rows: readonly object[]) => void) =>
          answer(answerTo(name, params)),
        );
        return rows.map((each) => row.parse(each));
      },
      run: (name, params) =>
        machine.ask(name, (answer) => {
          if (name !== 'inserts-kill') throw notSimulated(name);
          const prefix = String(params['prefix']);
          for (const one of running) if (one.tag.startsWith(prefix)) one.killed = true;
          answer(undefined);
        }),
      insert: (table, rows) =>
        machine.ask(`insert into ${table}`, (answer, refuse) => {
          const full = disk.refusal();
          if (full !== undefined) {
            refuse(full);
            return;
          }
          for (const row of rows) {
            if (table === 'ledger') writeLedger(ledgerRow(row));
            else known.set(JSON.stringify(row), schemaRow(row));
          }
          answer(undefined);
        }),
      insertAvro: ({ table, body, tag }) => {
        const rows = readContainer(body);
        return machine.ask(`insert into ${table}`, (answer, refuse) =>
          store({ table, rows, tag }, answer, refuse),
        );
      },
      bytes: (name) => Promise.reject(notSimulated(name)),
      runEach: ({ name }) => Promise.reject(notSimulated(name)),
      statement: (sql) => Promise.reject(notSimulated(sql)),
      ping: async () => true,
      close: async () => undefined,
    }),
  };
}

function ledgerRow(row: Record<string, unknown>): LedgerRow {
  return {
    partition: Number(row['partition']),
    version: BigInt(String(row['version'])),
    epoch: Number(row['epoch']),
    owner: String(row['owner']),
    floor: Number(row['floor']),
    consumed: Number(row['consumed']),
    maxEventTimeMs: Date.parse(String(row['max_event_time'])),
  };
}

function schemaRow(row: Record<string, unknown>) {
  return {
    schema_id: Number(row['schema_id']),
    verdict: String(row['verdict']),
    began_ms: Date.parse(String(row['began'])),
  };
}

function islandsOf(offsets: readonly number[]): { first: number; last: number }[] {
  const islands: { first: number; last: number }[] = [];
  for (const offset of offsets) {
    const last = islands.at(-1);
    if (last !== undefined && last.last === offset - 1) last.last = offset;
    else islands.push({ first: offset, last: offset });
  }
  return islands;
}

function killed(tag: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CLICKHOUSE_UNREACHABLE',
    message: `The insert ${tag} was killed.`,
    next: 'It is tried again.',
  });
}

function notSimulated(what: string): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The simulated ClickHouse does not know ${what}.`,
    next: 'Teach it in deploy/simulation/tables.ts.',
  });
}
