import { z } from 'zod';
import { DriftwatchError } from '../src/errors.ts';
import type { ClickHouse } from '../src/io/clickhouse/client.ts';
import { count } from '../src/io/clickhouse/columns.ts';
import type { Clock } from '../src/runtime/clock.ts';

/**
 * Ends what is still being written under names that begin with `prefix`, and waits until nothing is. Asks for the end
 * and polls: on the embedded engine KILL ... SYNC does not return. Throws when something runs on for `killWaitMs`.
 */
export async function killInserts(args: {
  clickhouse: ClickHouse;
  clock: Clock;
  prefix: string;
  /** Whose inserts they are, for the person who reads the error. */
  whose: string;
  killWaitMs: number;
  signal?: AbortSignal;
}): Promise<void> {
  const { clickhouse, clock, prefix, whose, killWaitMs, signal } = args;
  const until = clock.now() + killWaitMs;
  for (;;) {
    const [row] = await clickhouse.rows('inserts-running', { prefix }, RUNNING);
    if (row === undefined || row.running === 0 || signal?.aborted === true) return;
    if (clock.now() > until) throw stillRunning(whose, killWaitMs);
    await clickhouse.run('inserts-kill', { prefix });
    await clock.sleep(POLL_MS, signal);
  }
}

const POLL_MS = 50;
const RUNNING = z.object({ running: count });

function stillRunning(whose: string, ms: number): DriftwatchError {
  return new DriftwatchError({
    code: 'CLICKHOUSE_REFUSED',
    message: `Inserts of the last owner of ${whose} are still running ${ms} ms after they were killed.`,
    next: 'It is waited and tried again; look at system.processes if it goes on.',
  });
}
