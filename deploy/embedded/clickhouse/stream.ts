import type { Readable } from 'node:stream';
import type { Answer } from './answer.ts';
import { type ClickHouseException, toException } from './errors.ts';
import type { ResultPipe } from './result-pipe.ts';

/**
 * Sends a query's result while it is being made. The first 64 KiB are held back, as a server holds back its
 * buffer: a query that fails at once, or a small one that fails late, has sent nothing, and its exception is
 * handed back for a status of its own. After that an exception can only be framed into the stream. Resolves
 * when the query has ended, and the answer too unless it has not begun.
 */
export async function streamResult(args: {
  pipe: ResultPipe;
  answer: Answer;
  headers: Readonly<Record<string, string>>;
  run: () => Promise<unknown>;
  /** Called when the client no longer takes what it asked for. */
  onGone: () => void;
}): Promise<ClickHouseException | undefined> {
  const { answer, pipe } = args;
  const { output, finish } = pipe.open();
  const outcome = args.run().then(
    () => undefined,
    (error: unknown) => toException(error, [pipe.path]),
  );
  void outcome.then(finish);
  try {
    const held = await pass({ output, answer, headers: args.headers, onGone: args.onGone });
    const failure = await outcome;
    if (failure !== undefined && !answer.started) return failure;
    if (failure !== undefined) await answer.fail(failure);
    else {
      answer.start(args.headers);
      for (const chunk of held) await answer.write(chunk);
      await answer.end();
    }
    return undefined;
  } finally {
    output.destroy();
    await outcome;
    finish();
  }
}

/** Moves bytes on; returns what is still held back when the query ended below the threshold. */
async function pass(args: {
  output: Readable;
  answer: Answer;
  headers: Readonly<Record<string, string>>;
  onGone: () => void;
}): Promise<Uint8Array[]> {
  const { answer } = args;
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of args.output) {
    if (!(chunk instanceof Uint8Array)) continue;
    if (!answer.started) {
      held.push(chunk);
      size += chunk.length;
      if (size < HELD_BACK) continue;
      answer.start(args.headers);
    } else held = [chunk];
    for (const piece of held) {
      if (await answer.write(piece)) continue;
      args.onGone();
      return [];
    }
    held = [];
  }
  return held;
}

const HELD_BACK = 64 * 1024;
