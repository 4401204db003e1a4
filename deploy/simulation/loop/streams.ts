import type { ClickHouse, Params } from '../../../src/io/clickhouse/client.ts';
import type { Kafka } from '../../../src/io/kafka/port.ts';
import { type Broker, endOf, openBroker } from '../broker.ts';
import { type Checker, openChecker } from '../checker.ts';
import type { Disk } from '../disk.ts';
import type { Expected } from '../expected.ts';
import type { Machine } from '../machine.ts';
import { readContainer } from '../read-container.ts';
import { openTables } from '../tables.ts';
import type { World } from '../world.ts';

/** Several topics and what ingest keeps of each, as one Kafka and one ClickHouse. */
export interface Streams extends Pick<Broker, 'notice' | 'rebalance'> {
  open(machine: Machine): { readonly kafka: Kafka; readonly clickhouse: ClickHouse };
  told(maxEventTimeMs: number | undefined): void;
  /** Whether everything that will ever be on the topics is accounted for. */
  arrived(): boolean;
  atEnd(): void;
  failures(): readonly string[];
}

/** One topic with its raw table. */
export interface StreamLog {
  readonly topic: string;
  readonly table: string;
  /** All of its messages. */
  readonly all: Expected;
  /** Those that have come by now. */
  readonly coming: Expected;
}

export function openStreams(args: {
  world: World;
  disk: Disk;
  /** Dead letters are told of to the first. */
  logs: readonly StreamLog[];
  latestMs: number;
  onStored(table: string, row: Record<string, unknown>): void;
}): Streams {
  const { world, disk, latestMs } = args;
  const streams = args.logs.map((log) => {
    const plain = openChecker({ topic: log.topic, expected: log.all, latestMs });
    const checker: Checker = {
      ...plain,
      stored(table, row) {
        plain.stored(table, row);
        args.onStored(table, row);
      },
    };
    const tables = openTables(world, checker, disk);
    return { log, checker, tables, broker: openBroker({ world, checker, expected: log.coming }) };
  });

  return {
    notice: (machine) => streams.forEach(({ broker }) => void broker.notice(machine)),
    rebalance: () => streams.forEach(({ broker }) => void broker.rebalance()),
    open: (machine) => ({
      kafka: oneKafka(streams.map(({ log, broker }) => ({ log, kafka: broker.open(machine) }))),
      clickhouse: oneClickHouse(
        streams.map(({ log, tables }) => ({ log, clickhouse: tables.open(machine) })),
      ),
    }),
    told: (maxEventTimeMs) => streams.forEach(({ checker }) => void checker.told(maxEventTimeMs)),
    arrived: () =>
      streams.every(({ log, tables }) =>
        log.all.partitions.every((partition) => tables.floor(partition) >= endOf(log.all, partition)),
      ),
    atEnd: () => streams.forEach(({ checker, tables }) => void checker.atEnd(tables.consumed)),
    failures: () =>
      streams.flatMap(({ log, checker }) => checker.failures().map((why) => `${log.topic}: ${why}`)),
  };
}

function oneKafka(each: readonly { log: StreamLog; kafka: Kafka }[]): Kafka {
  const first = firstOf(each).kafka;
  return {
    ...first,
    async consume(consume) {
      const consumers = await Promise.all(each.map(({ kafka }) => kafka.consume(consume)));
      return firstOf(consumers);
    },
    watermarks: async (topic) =>
      (await each.find(({ log }) => log.topic === topic)?.kafka.watermarks(topic)) ?? [
        { partition: 0, low: 0, high: 0 },
      ],
  };
}

/** Statements name the topics that they are about; the rest is about all of them. */
function oneClickHouse(each: readonly { log: StreamLog; clickhouse: ClickHouse }[]): ClickHouse {
  const first = firstOf(each).clickhouse;
  const about = ({ topic, topics }: Params) =>
    each.filter(({ log }) => log.topic === topic || (Array.isArray(topics) && topics.includes(log.topic)));
  const of = (topic: unknown) => each.find(({ log }) => log.topic === topic)?.clickhouse ?? first;
  return {
    ...first,
    async rows(name, params, row) {
      if (name !== 'inserts-running') {
        const found = await Promise.all(
          about(params).map(({ clickhouse }) => clickhouse.rows(name, params, row)),
        );
        return found.flat();
      }
      // Whether anything runs at all is what is asked.
      for (const { clickhouse } of each) {
        const rows = await clickhouse.rows(name, params, row);
        if (JSON.stringify(rows) !== JSON.stringify([row.parse({ running: 0 })])) return rows;
      }
      return [row.parse({ running: 0 })];
    },
    async run(name, params) {
      for (const { clickhouse } of each) await clickhouse.run(name, params);
    },
    insert: (table, rows) => of(rows[0]?.['topic']).insert(table, rows),
    insertAvro(insert) {
      const stream = each.find(({ log }) => log.table === insert.table);
      const clickhouse = stream?.clickhouse ?? of(readContainer(insert.body)[0]?.['topic']);
      return clickhouse.insertAvro(insert);
    },
  };
}

function firstOf<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined) throw new Error('A simulation has at least one stream.');
  return first;
}
