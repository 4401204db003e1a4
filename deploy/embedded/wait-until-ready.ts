import { setTimeout as pause } from 'node:timers/promises';
import { DriftwatchError } from '../../src/errors.ts';
import { type ChildProcess, lastLines } from './child-process.ts';
import { freeBytes } from './disk-space.ts';

const POLL_MS = 100;
const FULL_BELOW_BYTES = 16 * 1024 ** 2;

/**
 * Asks `probe` again and again until it says yes. Ends at once when the child dies, with the last
 * lines of its log, or when the caller gives up; throws STACK_DID_NOT_START at the deadline.
 */
export async function waitUntilReady(args: {
  child: ChildProcess;
  /** What must become true, as in "listening on 127.0.0.1:9092". */
  what: string;
  probe: () => Promise<boolean>;
  deadlineMs: number;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  const end = performance.now() + args.deadlineMs;
  while (!(await args.probe())) {
    args.signal?.throwIfAborted();
    if (args.child.ended() !== undefined) throw childDied(args.child);
    if (performance.now() > end) {
      throw new DriftwatchError({
        code: 'STACK_DID_NOT_START',
        message: `${args.child.name} was not ${args.what} within ${args.deadlineMs / 1000} s.`,
        next: `Its log is ${args.child.logFile}. It ends with:\n${quotedTail(args.child.logFile)}`,
      });
    }
    await pause(POLL_MS);
  }
}

/** The error for a program that ended by itself: how it ended, and what it said last. */
export function childDied(child: ChildProcess): DriftwatchError {
  const tail = quotedTail(child.logFile);
  // On a full disk the log often ends before the reason.
  const full = /no space left on device|ENOSPC/i.test(tail) || freeBytes(child.logFile) < FULL_BELOW_BYTES;
  return new DriftwatchError({
    code: full ? 'DISK_FULL' : 'STACK_DID_NOT_START',
    message: `${child.name} ${child.ended() ?? 'ended'}${full ? ' because the disk is full' : ''}.`,
    next: `${full ? 'Make room and start again. ' : ''}Its log is ${child.logFile}. It ends with:\n${tail}`,
  });
}

/** Yes when the address answers 200 within two seconds. */
export function httpProbe(url: string): () => Promise<boolean> {
  return async () => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  };
}

function quotedTail(logFile: string): string {
  const lines = lastLines(logFile);
  return lines.length === 0 ? '  (empty)' : lines.map((line) => `  ${line}`).join('\n');
}
