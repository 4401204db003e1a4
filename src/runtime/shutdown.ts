import { sentence } from '../errors.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/** Closes what was opened, newest first, so that nobody loses what it stands on. */
export interface Shutdown {
  /** Registers how to close something; call it right after opening. */
  onClose(name: string, close: () => Promise<void>): void;
  /** Closes everything once; later calls get the same answer. Never rejects. */
  close(): Promise<Closed>;
}

/** `late` names what had not closed at the deadline, `failed` what threw. */
export interface Closed {
  readonly clean: boolean;
  readonly late: readonly string[];
  readonly failed: readonly string[];
}

/**
 * Opens a shutdown list. The deadline holds for the whole of it: what hangs gets the time that is left and is
 * then left behind, and what comes after it is still asked to close.
 */
export function openShutdown(args: { deadlineMs: number; clock: Clock; log: Log }): Shutdown {
  const { deadlineMs, clock, log } = args;
  const steps: { name: string; close: () => Promise<void> }[] = [];
  let closing: Promise<Closed> | undefined;

  async function run(): Promise<Closed> {
    const until = clock.now() + deadlineMs;
    const late: string[] = [];
    const failed: string[] = [];
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      const { name, close } = step;
      const done = new AbortController();
      const outcome = await Promise.race([
        close().then(
          () => 'closed' as const,
          (cause) => {
            log.warn({ cause }, `Closing ${name} failed: ${sentence(cause)}`);
            return 'failed' as const;
          },
        ),
        clock.sleep(Math.max(LEAST_MS, until - clock.now()), done.signal).then(() => 'late' as const),
      ]);
      done.abort();
      if (outcome === 'failed') failed.push(name);
      if (outcome === 'late') {
        late.push(name);
        log.warn({ name }, `${name} had not closed at the deadline.`);
      }
    }
    return { clean: late.length === 0 && failed.length === 0, late, failed };
  }

  return {
    onClose: (name, close) => steps.push({ name, close }),
    close: () => {
      closing ??= run();
      return closing;
    },
  };
}

/** Even after the deadline each step gets a moment: most close at once. */
const LEAST_MS = 50;
