import type { ClickHouse } from '../../../src/io/clickhouse/client.ts';
import type { LoopMutate, LoopPorts } from './simulate-loop.ts';

/** A bug on purpose in what decisions and outbox are given. */
export interface LoopMutant {
  readonly name: string;
  readonly mutate: LoopMutate;
}

export const LOOP_MUTANTS: readonly LoopMutant[] = [
  {
    name: 'outbox marked before published',
    mutate: (ports) =>
      withClickHouse(ports, (clickhouse) => ({
        ...clickhouse,
        async insert(table, rows, fence) {
          await clickhouse.insert(table, rows, fence);
          if (table !== 'outbox') return;
          const marks = rows.map(({ event_id, topic }) => ({ event_id, topic, partition: 0, offset: 0 }));
          await clickhouse.insert('outbox_marks', marks);
        },
      })),
  },
  {
    name: 'outbox never marked',
    mutate: (ports) =>
      withClickHouse(ports, (clickhouse) => ({
        ...clickhouse,
        insert: async (table, rows, fence) =>
          table === 'outbox_marks' ? undefined : clickhouse.insert(table, rows, fence),
      })),
  },
  {
    name: 'outbox not read back',
    mutate: (ports) => ({
      ...ports,
      kafka: {
        ...ports.kafka,
        follow: async () => ({ caughtUp: Promise.resolve(), close: async () => undefined }),
      },
    }),
  },
  {
    name: 'others not shut out',
    mutate: (ports) => {
      // Each has an exclusive producer of its own name, so that none is shut out.
      unique += 1;
      const name = `own ${unique}`;
      return {
        ...ports,
        kafka: { ...ports.kafka, producer: (wanted) => ports.kafka.producer(wanted && { exclusive: name }) },
      };
    },
  },
  {
    name: 'pane revision before its panes',
    mutate: (ports) =>
      withClickHouse(ports, (clickhouse) => {
        let owed: (() => Promise<void>)[] = [];
        return {
          ...clickhouse,
          async runEach(statement) {
            owed.push(() => clickhouse.runEach(statement));
          },
          // The panes come when the decisions have been written.
          async insert(table, rows, fence) {
            await clickhouse.insert(table, rows, fence);
            if (table !== 'progress') return;
            const now = owed;
            owed = [];
            for (const statement of now) await statement();
          },
        };
      }),
  },
  {
    name: 'additive view fed by raw rows',
    mutate: (ports, warehouse) => {
      warehouse.countEveryInsert();
      return ports;
    },
  },
  {
    name: 'late rows not told',
    mutate: (ports) => ({ ...ports, onStored: () => () => undefined }),
  },
  {
    name: 'stale panes not looked for',
    mutate: (ports) =>
      withClickHouse(ports, (clickhouse) => {
        let revisions: readonly { pane_start: number; rows: number }[] = [];
        return {
          ...clickhouse,
          async rows(name, params, row) {
            if (name === 'pane-rows') {
              return revisions.map(({ pane_start, rows }) =>
                row.parse({ pane_start: new Date(pane_start).toISOString(), rows }),
              );
            }
            const found = await clickhouse.rows(name, params, row);
            if (name === 'pane-revisions' && params['stream'] === 'serving')
              revisions = found.flatMap(asRevision);
            return found;
          },
        };
      }),
  },
  {
    name: 'progress before the verdicts',
    mutate: (ports) =>
      withClickHouse(ports, (clickhouse) => ({
        ...clickhouse,
        async insert(table, rows, fence) {
          const [first] = rows;
          if (table === 'verdicts' && first !== undefined) {
            const endMs = Date.parse(String(first['window_end']));
            const stream_time = new Date(endMs).toISOString();
            await clickhouse.insert(
              'progress',
              [{ model: first['model'], stage: 'serving', stream_time, version: endMs }],
              fence,
            );
          }
          return clickhouse.insert(table, rows, fence);
        },
      })),
  },
  {
    name: 'decisions without a fence',
    mutate: (ports) =>
      withClickHouse(ports, (clickhouse) => ({
        ...clickhouse,
        insert: (table, rows) => clickhouse.insert(table, rows),
        run: (name, params) => clickhouse.run(name, params),
        runEach: ({ name, shared, each }) => clickhouse.runEach({ name, shared, each }),
      })),
  },
  {
    name: 'event ids from a clock',
    mutate: (ports) =>
      withClickHouse(ports, (clickhouse) => {
        let nth = 0;
        return {
          ...clickhouse,
          insert(table, rows, fence) {
            if (table !== 'outbox') return clickhouse.insert(table, rows, fence);
            nth += 1;
            const id = (at: number) => `00000000-0000-4000-8000-${String(1000 * nth + at).padStart(12, '0')}`;
            return clickhouse.insert(
              table,
              rows.map((row, at) => ({ ...row, event_id: id(at) })),
              fence,
            );
          },
        };
      }),
  },
];

let unique = 0;

function withClickHouse(ports: LoopPorts, change: (clickhouse: ClickHouse) => ClickHouse): LoopPorts {
  return { ...ports, clickhouse: change(ports.clickhouse) };
}

function asRevision(row: unknown): { pane_start: number; rows: number }[] {
  if (typeof row !== 'object' || row === null || !('pane_start' in row) || !('rows' in row)) return [];
  return [{ pane_start: Number(row.pane_start), rows: Number(row.rows) }];
}
