import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for the end of something, but not longer; how it ends does not matter. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const waiting = new AbortController();
  await Promise.race([
    work.catch(() => undefined),
    sleep(ms, undefined, { ref: false, signal: waiting.signal }).catch(() => undefined),
  ]);
  waiting.abort();
}
