import { z } from 'zod';
import { sentence } from '../../src/errors.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Log } from '../../src/runtime/log.ts';

/** Whose the newest ledger row of a partition is. */
export interface Holder {
  readonly epoch: number;
  readonly owner: string;
}

/**
 * Looks at the ledger once a session, whether or not messages come, and tells each partition whose its newest row
 * is. A batch confirms its lease by itself; this is for partitions that have been read to their end.
 */
export async function watchLeases(args: {
  clickhouse: Pick<ClickHouse, 'rows'>;
  clock: Clock;
  log: Log;
  everyMs: number;
  topics: readonly string[];
  signal: AbortSignal;
  see(topic: string, partition: number, holder: Holder): void;
}): Promise<void> {
  const { clickhouse, clock, log, topics, signal } = args;
  for (;;) {
    await clock.sleep(args.everyMs, signal);
    for (const topic of topics) {
      if (signal.aborted) return;
      try {
        const rows = await clickhouse.rows('ledger-owners', { topic }, OWNER);
        for (const { partition, ...holder } of rows) args.see(topic, partition, holder);
      } catch (cause) {
        log.debug({ cause, topic }, `The ledger could not be looked at: ${sentence(cause)}`);
      }
    }
  }
}

const OWNER = z.object({ partition: count, epoch: count, owner: z.string() });
