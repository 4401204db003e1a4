import { isAway, sentence } from '../errors.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/**
 * Does what a process needs before it can work, again and again while Kafka, ClickHouse or the registry is away: a
 * process that starts in an outage waits for its end like one that was running. Every other failure is thrown at
 * once, and the last one when `signal` is aborted. Doing it twice must change nothing.
 */
export async function untilAnswered<T>(args: {
  /** What is waited to be done, for the log. */
  what: string;
  attempt: () => Promise<T>;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** Told what it waits for, before each pause. */
  onWait?: (why: string) => void;
}): Promise<T> {
  const { what, clock, log, signal } = args;
  for (let failures = 1; ; failures += 1) {
    try {
      return await args.attempt();
    } catch (cause) {
      if (!isAway(cause) || signal.aborted) throw cause;
      args.onWait?.(sentence(cause));
      log.warn(
        { event: 'waiting', what, failures, cause },
        `${what} has to wait, and is tried again: ${sentence(cause)}`,
      );
      await clock.sleep(Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures, 8)), signal);
      if (signal.aborted) throw cause;
    }
  }
}

const FIRST_MS = 125;
const MOST_MS = 5_000;
