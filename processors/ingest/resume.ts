import { z } from 'zod';
import { rawTableName } from '../../src/core/contract/raw-table.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import type { Kafka } from '../../src/io/kafka/port.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Log } from '../../src/runtime/log.ts';
import { killInserts } from '../kill-inserts.ts';
import type { Island } from './islands.ts';
import { type Lease, takeLease } from './lease.ts';
import type { Source } from './ports.ts';

/** Where to go on with a partition, and what is there already at or above that. */
export interface Resumed {
  readonly lease: Lease;
  readonly stored: readonly Island[];
  /** Where to read on: the floor, or the first message that retention has left. */
  readonly from: number;
  /** Next offset the broker will give out, as of now. */
  readonly highWatermark: number;
}

/**
 * Takes a partition over after whatever happened to its last owner. The order matters: first the lease, so
 * that the old owner's ledger writes are void; then its inserts are killed and waited for, so that nothing
 * arrives behind our back; only then is it read what is stored. An insert that slips through all the same
 * (its bytes were still under way to ClickHouse) brings the same rows again, and the sort key makes them one.
 */
export async function resume(args: {
  clickhouse: ClickHouse;
  kafka: Kafka;
  clock: Clock;
  log: Log;
  source: Source;
  partition: number;
  owner: string;
  killWaitMs: number;
  signal: AbortSignal;
}): Promise<Resumed> {
  const { clickhouse, kafka, log, source, partition, owner } = args;
  const { topic } = source;
  const marks = await kafka.watermarks(topic);
  const mark = marks.find((one) => one.partition === partition);
  const low = mark?.low ?? 0;
  const lease = await takeLease({ clickhouse, topic, partition, owner, low });
  if (lease.floor < low) {
    log.error(
      { topic, partition, floor: lease.floor, low },
      'Retention has deleted messages that were never taken in.',
    );
  }
  const { clock, killWaitMs, signal } = args;
  const whose = `${topic}/${partition}`;
  await killInserts({ clickhouse, clock, prefix: tagPrefix(topic, partition), whose, killWaitMs, signal });
  const stored = await clickhouse.rows(
    'stored-islands',
    { table: rawTableName(source.contract), topic, partition, floor: lease.floor },
    ISLAND,
  );
  log.info({ epoch: lease.epoch, floor: lease.floor, islands: stored.length }, 'Partition taken over.');
  return { lease, stored, from: Math.max(lease.floor, low), highWatermark: mark?.high ?? lease.floor };
}

/** What the inserts of a partition are called, whoever sends them. */
export function tagPrefix(topic: string, partition: number): string {
  return `ingest-${topic}-${partition}-`;
}

const ISLAND = z.object({ first: count, last: count });
