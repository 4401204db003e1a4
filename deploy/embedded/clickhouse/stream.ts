import type { Readable } from 'node:stream';
import type { Answer } from './answer.ts';
import { ClickHouseException, toException } from './errors.ts';
import { summary } from './report.ts';
import type { ResultPipe } from './result-pipe.ts';
import type { Outcome } from './session.ts';

export interface Streaming {
  readonly pipe: ResultPipe;
  readonly answer: Answer;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes kept here before the status is written; Infinity holds the whole result until the query has ended. */
  readonly holdBack: number;
  /** Longest answer in bytes before compression; Infinity for no limit. */
  readonly maxBytes: number;
  run(): Promise<Outcome>;
  /** Stops the query: nobody takes its result any more. */
  cancel(): void;
}

/** What a server holds back before it commits to 200. */
export const USUAL_HOLD_BACK = 64 * 1024;

/**
 * Sends a query's result while it is being made. The beginning is held back, as on a server: a query that
 * fails at once, or a small one that fails late, has sent nothing, and its exception is handed back for a
 * status of its own. After that an exception can only be framed into the stream. Resolves when the query has
 * ended, and the answer too unless it has not begun.
 */
export async function streamResult(args: Streaming): Promise<ClickHouseException | undefined> {
  const { answer, pipe } = args;
  const { output, finish } = pipe.open();
  const outcome = args.run().then(
    (value) => ({ value }),
    (error: unknown) => ({ failure: toException(error, [pipe.path]) }),
  );
  void outcome.then(finish);
  try {
    const { held, over } = await pass(args, output);
    const ended = await outcome;
    const failure = over ?? ('failure' in ended ? ended.failure : undefined);
    if (failure !== undefined) {
      if (!answer.started) return failure;
      await answer.fail(failure);
      return undefined;
    }
    if ('value' in ended) answer.start({ ...args.headers, 'X-ClickHouse-Summary': summary(ended.value) });
    for (const chunk of held) await answer.write(chunk);
    await answer.end();
    return undefined;
  } finally {
    output.destroy();
    await outcome;
    finish();
  }
}

/** Moves bytes on. What it returns is still held back, because the query ended below the threshold. */
async function pass(
  args: Streaming,
  output: Readable,
): Promise<{ held: readonly Uint8Array[]; over?: ClickHouseException }> {
  const { answer } = args;
  const held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of output) {
    if (!(chunk instanceof Uint8Array)) continue;
    size += chunk.length;
    if (size > args.maxBytes) {
      args.cancel();
      return { held: [], over: tooLong(args.maxBytes) };
    }
    held.push(chunk);
    if (!answer.started) {
      if (size < args.holdBack) continue;
      answer.start(args.headers);
    }
    for (const piece of held.splice(0)) {
      if (await answer.write(piece)) continue;
      args.cancel();
      return { held: [] };
    }
  }
  return { held };
}

/** The engine counts a constant column once, however many rows it is repeated in; what is sent is counted here. */
function tooLong(limit: number): ClickHouseException {
  return new ClickHouseException({
    code: 396,
    type: 'TOO_MANY_ROWS_OR_BYTES',
    message: `Limit for result exceeded, max bytes: ${limit}.`,
  });
}
