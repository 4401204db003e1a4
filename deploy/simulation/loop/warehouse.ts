import { DriftwatchError } from '../../../src/errors.ts';
import type { ClickHouse, Params } from '../../../src/io/clickhouse/client.ts';
import type { Fence } from '../../../src/io/clickhouse/fence.ts';
import type { Disk } from '../disk.ts';
import type { Machine } from '../machine.ts';
import { travelMs, type World } from '../world.ts';
import { decisionAnswers } from './decision-answers.ts';
import { fenceStands } from './fence-stands.ts';
import { newestVerdicts } from './newest-verdicts.ts';
import { paneRow, skewRows } from './pane-statements.ts';
import { openRawRows, type RawRows } from './raw-rows.ts';
import { openReplacingTables, type Row } from './replacing-tables.ts';
import { among, msOf } from './row-values.ts';

/** The tables that decisions read and write, beside those of ingest. */
export interface Warehouse extends Pick<RawRows, 'store' | 'countEveryInsert'> {
  /** Answers what it knows; everything else goes on to ingest's tables. */
  open(machine: Machine, ingest: ClickHouse): ClickHouse;
  verdicts(): readonly Row[];
  incidents(): readonly Row[];
  outbox(): readonly Row[];
  marks(): readonly Row[];
  onProgress(heard: (stage: string, streamTimeMs: number) => void): void;
}

/**
 * ClickHouse as decisions see it: INSERT ... SELECT reads when it arrives and can be read later; it looks at the fence
 * when it arrives too, and can be killed until it can be read. Nothing can be written while the disk is full. What the
 * statements compute is counted by hand, once over: bins of one numeric feature without segments, and its joins by id.
 */
export function openWarehouse(world: World, disk: Disk): Warehouse {
  const raw = openRawRows();
  const tables = openReplacingTables();
  const answers = decisionAnswers({ tables, raw });
  /** Statements under way, by name. */
  const running = new Set<{ readonly tag: string; killed: boolean }>();
  const listeners: ((stage: string, streamTimeMs: number) => void)[] = [];

  function put(table: string, row: Row): void {
    if (!tables.put(table, row) || table !== 'progress') return;
    for (const heard of listeners) heard(String(row['stage']), Date.parse(String(row['stream_time'])));
  }

  function stands(fence: Fence | undefined): boolean {
    return fenceStands(tables.all('decision_leases'), fence);
  }

  /** What a statement writes, from what can be read now. */
  function reduced(name: string, params: Params): { table: string; rows: readonly Row[] } {
    const span = [msOf(params['from']), msOf(params['until'])] as const;
    if (name === 'skew-pane') {
      const sides = {
        training: raw.between(params['training'], ...span),
        serving: raw.between(params['serving'], ...span),
      };
      return { table: 'skew_panes', rows: skewRows(sides, params) };
    }
    const read = raw.between(params['table'], ...span);
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
    store: raw.store,
    countEveryInsert: raw.countEveryInsert,
    verdicts: () => newestVerdicts(tables.all('verdicts')),
    incidents: () => tables.all('incidents'),
    outbox: () => tables.all('outbox'),
    marks: () => tables.all('outbox_marks'),
    onProgress: (heard) => listeners.push(heard),
    open: (machine, ingest) => ({
      ...ingest,
      async rows(name, params, row) {
        const prefix = String(params['prefix']);
        const answerTo = isOurs(name, prefix) ? () => [{ running: under(prefix).length }] : answers.get(name);
        if (answerTo === undefined) return ingest.rows(name, params, row);
        const found = await machine.ask(name, (answer: (rows: readonly Row[]) => void) =>
          answer(answerTo(params)),
        );
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
        if (!tables.has(table)) return ingest.insert(table, rows);
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

/** Statements under way are asked for and killed by name; those of decisions are here. */
function isOurs(name: string, prefix: string): boolean {
  return (name === 'inserts-running' || name === 'inserts-kill') && prefix.startsWith('decide:');
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
