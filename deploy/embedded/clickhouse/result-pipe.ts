import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { DriftwatchError } from '../../../src/errors.ts';

/** A named pipe that one query writes its result into while this process reads it. */
export interface ResultPipe {
  readonly path: string;
  /** Both ends, opened without waiting. Call `finish` when the query has ended: the reader then sees the end. */
  open(): { readonly output: Readable; finish(): void };
}

/** Hands out named pipes; take as many as there are, give each back. */
export interface ResultPipes {
  take(): ResultPipe;
  giveBack(pipe: ResultPipe): void;
}

/**
 * The engine writes `INTO OUTFILE` on a thread of its own and waits when the pipe is full, so a result of
 * any size and any format passes through in 64 KiB pieces. Its streaming call would do neither: it repeats
 * headers and footers per block, and works out scalar subqueries on the event loop.
 */
export async function createResultPipes(folder: string, count: number): Promise<ResultPipes> {
  const paths = Array.from({ length: count }, (_, i) => join(folder, `result-${i}`));
  for (const path of paths) await rm(path, { force: true });
  try {
    await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
  } catch (cause) {
    throw new DriftwatchError({
      code: 'PROGRAM_MISSING',
      message: `Named pipes could not be made in ${folder}: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}.`,
      next: 'The program mkfifo (coreutils) and a file system with named pipes are needed.',
      cause,
    });
  }
  const free = paths.map((path): ResultPipe => ({ path, open: () => openBoth(path) }));
  return {
    take() {
      const pipe = free.pop();
      if (pipe !== undefined) return pipe;
      throw new DriftwatchError({
        code: 'INVARIANT_BROKEN',
        message: 'More queries are streaming than there are pipes.',
        next: 'There must be one pipe per slot: see limits.ts.',
      });
    },
    giveBack(pipe) {
      free.push(pipe);
    },
  };
}

/**
 * The reading end first (it does not wait for a writer), then a writing end of our own, which keeps the pipe
 * alive until the query has ended, also when the query never opens it.
 */
function openBoth(path: string): { readonly output: Readable; finish(): void } {
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writing = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const output = new Socket({ fd: reading, readable: true, writable: false });
  let finished = false;
  return {
    output,
    finish() {
      if (finished) return;
      finished = true;
      closeSync(writing);
    },
  };
}
