import { z } from 'zod';
import type { Config } from '../src/config.ts';
import type { Contract, Stream } from '../src/core/contract/contract.ts';
import { rawTableName } from '../src/core/contract/raw-table.ts';
import { type PartitionTime, watermark } from '../src/core/windows/watermark.ts';
import type { ClickHouse } from '../src/io/clickhouse/client.ts';
import { count, instant } from '../src/io/clickhouse/columns.ts';
import type { Kafka } from '../src/io/kafka/port.ts';
import type { Clock } from '../src/runtime/clock.ts';
import type { StreamTimes } from './detect/stage.ts';
import type { Ingest, PartitionWatermark } from './ingest/ports.ts';

/**
 * Stream time of one model over all its partitions, whichever process takes them in: partitions of this
 * process are known at first hand, the others through the ledger. One process decides for a model, the one
 * that owns the first partition of its serving topic.
 */
export interface StreamClock {
  /** Whether this process decides for the model now. */
  leads(): boolean;
  /**
   * Stream times, and the hours of event time that rows were stored for since the last call without this process
   * being told: by other processes, or by itself when it did not hear that a batch had been taken in. Nothing is
   * known to be new at the first call: make it before the decisions are opened from what is stored.
   */
  read(): Promise<{ times: StreamTimes; stored: readonly StoredElsewhere[] }>;
  /** Stream times as of the last read. */
  times(): StreamTimes;
}

export interface StoredElsewhere {
  readonly stream: Stream;
  readonly eventTimesMs: readonly number[];
}

export function openStreamClock(args: {
  clickhouse: ClickHouse;
  kafka: Pick<Kafka, 'watermarks'>;
  contracts: Readonly<Record<Stream, Contract>>;
  ingest: Pick<Ingest, 'watermarks'>;
  config: Config;
  clock: Clock;
}): StreamClock {
  const { clickhouse, kafka, contracts, ingest, config, clock } = args;
  const settings = config.models[contracts.serving.model];
  const streams = Object.values(contracts);
  const latest: { -readonly [stream in Stream]?: number } = {};
  const foreign = new Map<string, PartitionTime>();
  /** Offset per partition up to which the decisions know of its rows. */
  const known = new Map<string, number>();
  const partitionCounts = new Map<string, number>();

  async function partitionsOf(topic: string): Promise<number> {
    const known = partitionCounts.get(topic);
    if (known !== undefined) return known;
    const found = (await kafka.watermarks(topic)).length;
    partitionCounts.set(topic, found);
    return found;
  }

  /** Catches up on the partitions of others from the ledger, and says what they have stored since. */
  async function lookAround(missing: ReadonlyMap<string, Contract>): Promise<StoredElsewhere[]> {
    if (missing.size === 0) return [];
    const topics = [...new Set([...missing.values()].map(({ topic }) => topic))];
    const rows = await clickhouse.rows('ledger-marks', { topics }, MARK);
    const ends = await highWatermarks(topics);
    const stored: StoredElsewhere[] = [];
    for (const [key, contract] of missing) {
      const row = rows.find((mark) => keyOf(mark.topic, mark.partition) === key);
      const before = foreign.get(key);
      const floor = row?.floor ?? 0;
      const moved = before === undefined || known.get(key) !== floor;
      const lastRecordMs = moved ? clock.now() : before.lastRecordMs;
      const time: PartitionTime = {
        ...(row === undefined || row.max_event_time <= 0 ? {} : { maxEventTimeMs: row.max_event_time }),
        caughtUp: floor >= (ends.get(key) ?? 0),
        lastRecordMs,
      };
      foreign.set(key, time);
      if (row !== undefined) stored.push(...(await catchUp(key, contract, row.partition, floor)));
      known.set(key, floor);
    }
    return stored;
  }

  /** Hours of the rows between what is known of a partition and where it is now. */
  async function catchUp(
    key: string,
    contract: Contract,
    partition: number,
    until: number,
  ): Promise<StoredElsewhere[]> {
    const from = known.get(key);
    if (from === undefined || from >= until) return [];
    const range = { table: rawTableName(contract), partition, from, until };
    const hours = await clickhouse.rows('hours-of-offsets', range, z.object({ hour: instant }));
    return [{ stream: contract.stream, eventTimesMs: hours.map(({ hour }) => hour) }];
  }

  async function highWatermarks(topics: readonly string[]): Promise<Map<string, number>> {
    const ends = new Map<string, number>();
    for (const topic of topics) {
      for (const { partition, high } of await kafka.watermarks(topic))
        ends.set(keyOf(topic, partition), high);
    }
    return ends;
  }

  return {
    leads: () =>
      (ingest.watermarks().get(contracts.serving.topic) ?? []).some(({ partition }) => partition === 0),
    times: () => ({ ...latest }),
    async read() {
      const own = new Map<string, PartitionWatermark>();
      for (const [topic, marks] of ingest.watermarks()) {
        for (const mark of marks) own.set(keyOf(topic, mark.partition), mark);
      }
      const stored: StoredElsewhere[] = [];
      const missing = new Map<string, Contract>();
      const all = new Map<string, string[]>();
      for (const contract of streams) {
        const partitions = await partitionsOf(contract.topic);
        const keys = Array.from({ length: partitions }, (_, partition) => keyOf(contract.topic, partition));
        all.set(contract.topic, keys);
        for (const key of keys) {
          const mark = own.get(key);
          if (mark === undefined) {
            missing.set(key, contract);
            continue;
          }
          foreign.delete(key);
          stored.push(...(await catchUp(key, contract, mark.partition, mark.begunAt)));
          known.set(key, mark.position);
        }
      }
      stored.push(...(await lookAround(missing)));
      for (const { topic, stream } of streams) {
        const partitions = (all.get(topic) ?? []).map((key) => {
          const mark = own.get(key);
          return mark === undefined ? (foreign.get(key) ?? UNKNOWN) : ownTime(mark);
        });
        const previousMs = latest[stream];
        const mark = watermark({
          partitions,
          disorderMs: settings?.disorder[stream] ?? 0,
          idleAfterMs: config.idle_after,
          nowMs: clock.now(),
          ...(previousMs === undefined ? {} : { previousMs }),
        });
        if (mark !== undefined) latest[stream] = mark;
      }
      return { times: { ...latest }, stored };
    },
  };
}

function ownTime(mark: PartitionWatermark): PartitionTime {
  return {
    ...(mark.maxEventTimeMs === undefined ? {} : { maxEventTimeMs: mark.maxEventTimeMs }),
    caughtUp: mark.position >= mark.highWatermark,
    lastRecordMs: mark.lastRecordAt,
  };
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** Nothing is known of it yet: it holds time back. */
const UNKNOWN: PartitionTime = { caughtUp: false, lastRecordMs: Number.POSITIVE_INFINITY };
const MARK = z.object({ topic: z.string(), partition: count, floor: count, max_event_time: instant });
