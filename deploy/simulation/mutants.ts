import { z } from 'zod';
import type { IngestArgs } from '../../processors/ingest/ports.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import type { Mutate } from './simulate.ts';

/** A bug on purpose, in what ingest is given: the checker must see every one of them. */
export interface Mutant {
  readonly name: string;
  readonly mutate: Mutate;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'commit before insert',
    mutate: (args) => ({
      ...args,
      kafka: {
        ...args.kafka,
        consume: (consume) =>
          args.kafka.consume({
            ...consume,
            onBatch(batch, control) {
              control.commit(batch.nextOffset);
              return consume.onBatch(batch, control);
            },
          }),
      },
    }),
  },
  { name: 'floor before insert', mutate: (args) => withClickHouse(args, insertLater) },
  {
    name: 'max() for set difference',
    mutate: (args) =>
      withClickHouse(args, (clickhouse) => ({
        ...clickhouse,
        async rows(name, params, row) {
          if (name !== 'stored-islands') return clickhouse.rows(name, params, row);
          const islands = await clickhouse.rows(name, params, ISLAND);
          const last = islands.at(-1);
          return last === undefined ? [] : [row.parse({ first: params['floor'], last: last.last })];
        },
      })),
  },
  {
    name: 'ledger version without epoch',
    mutate: (args) =>
      withLedger(args, (row) => ({ ...row, version: BigInt(String(row['version'])) % EPOCH })),
  },
  {
    name: 'lease taken without a new epoch',
    mutate: (args) =>
      withLedger(args, (row) => ({
        ...row,
        epoch: 1,
        version: EPOCH + (BigInt(String(row['version'])) % EPOCH),
      })),
  },
  {
    name: 'lease never confirmed',
    mutate: (args) =>
      withClickHouse(args, (clickhouse) => ({
        ...clickhouse,
        rows: async (name, params, row) =>
          name === 'ledger-rivals' ? [row.parse({ rivals: 0 })] : clickhouse.rows(name, params, row),
      })),
  },
  {
    name: 'no answer taken for a yes',
    mutate: (args) =>
      withClickHouse(args, (clickhouse) => ({
        ...clickhouse,
        insertAvro: (insert) => clickhouse.insertAvro(insert).catch(() => undefined),
      })),
  },
  {
    name: 'watermark without clamp',
    mutate: (args) => ({ ...args, limits: { ...args.limits, maxFutureMs: Number.MAX_SAFE_INTEGER } }),
  },
  {
    name: 'dead letters not in their table',
    mutate: (args) =>
      withClickHouse(args, (clickhouse) => ({
        ...clickhouse,
        insertAvro: async (insert) =>
          insert.table === 'dead_letters' ? undefined : clickhouse.insertAvro(insert),
      })),
  },
  {
    name: 'dead letters not on their topic',
    mutate: (args) => ({
      ...args,
      kafka: {
        ...args.kafka,
        producer: async () => ({ send: async () => [], close: async () => undefined }),
      },
    }),
  },
  {
    name: 'floor one too far',
    mutate: (args) => withLedger(args, (row) => ({ ...row, floor: Number(row['floor']) + 1 })),
  },
  {
    name: 'consumed counted twice after a crash',
    mutate: (args) => {
      let first = true;
      return withLedger(args, (row) => {
        const extra = first && Number(row['epoch']) > 2 ? 1 : 0;
        first = false;
        return { ...row, consumed: Number(row['consumed']) + extra };
      });
    },
  },
];

function withClickHouse(args: IngestArgs, change: (clickhouse: ClickHouse) => ClickHouse): IngestArgs {
  return { ...args, clickhouse: change(args.clickhouse) };
}

function withLedger(
  args: IngestArgs,
  change: (row: Record<string, unknown>) => Record<string, unknown>,
): IngestArgs {
  return withClickHouse(args, (clickhouse) => ({
    ...clickhouse,
    insert: (table, rows) => clickhouse.insert(table, table === 'ledger' ? rows.map(change) : rows),
  }));
}

/** Says yes to inserts at once and does them after the ledger row. */
function insertLater(clickhouse: ClickHouse): ClickHouse {
  let later: Parameters<ClickHouse['insertAvro']>[0][] = [];
  return {
    ...clickhouse,
    async insertAvro(insert) {
      later.push(insert);
    },
    async insert(table, rows) {
      await clickhouse.insert(table, rows);
      if (table !== 'ledger') return;
      const now = later;
      later = [];
      for (const insert of now) await clickhouse.insertAvro(insert);
    },
  };
}

/** What one epoch adds to a version, see versionOf. */
const EPOCH = 2n ** 40n;
const ISLAND = z.object({ first: z.number(), last: z.number() });
