import { z } from 'zod';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Log } from '../../src/runtime/log.ts';

/** What the view `accounting` said last, and when. */
export interface Audit {
  readonly checkedAtMs: number;
  readonly partitions: readonly AuditedPartition[];
}

/** Of all time, over all processes: counted from what is stored, not from what a process believes. */
export type AuditedPartition = z.infer<typeof AUDITED>;

/**
 * Reads the view `accounting` again and again. It reads the offsets of all rows, so a slow answer makes the
 * pauses longer: at most a twentieth of the time goes into it. `unexplained` other than 0 is logged as an error;
 * while messages stream in, the two halves of one query may see different moments, and the next one tells.
 */
export function auditAccounting(args: {
  clickhouse: Pick<ClickHouse, 'rows'>;
  topics: readonly string[];
  clock: Clock;
  log: Log;
  everyMs?: number;
}): { latest(): Audit | undefined; stop(): Promise<void> } {
  const { clickhouse, topics, clock, log } = args;
  const stopping = new AbortController();
  let latest: Audit | undefined;
  const running = run();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const started = clock.now();
      try {
        const partitions = await clickhouse.rows('accounting', { topics }, AUDITED);
        latest = { checkedAtMs: clock.now(), partitions };
        for (const one of partitions) {
          if (one.unexplained !== 0) log.error(one, 'Messages are unexplained: consumed and not found.');
        }
      } catch (cause) {
        log.warn({ cause }, 'The accounting could not be read; trying again.');
      }
      const pause = Math.max(args.everyMs ?? EVERY_MS, 20 * (clock.now() - started));
      await clock.sleep(pause, stopping.signal);
    }
  }

  return {
    latest: () => latest,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

const EVERY_MS = 15_000;
const AUDITED = z.object({
  topic: z.string(),
  partition: count,
  floor: count,
  consumed: count,
  stored: count,
  dead_letters: count,
  tombstones: count,
  unexplained: count,
});
