import { z } from 'zod';
import type { Contract } from '../../core/contract/contract.ts';
import { UNKNOWN_PRODUCER } from './prediction-records.ts';
import { readExample } from './read-example.ts';

/** A request of the score routes, read against the serving contract. */
export interface ScoreRequest {
  /** Records without what the server fills in. */
  readonly records: readonly Record<string, unknown>[];
  readonly log: boolean;
  readonly awaitLog: boolean;
  readonly producer: string;
  readonly version: string | undefined;
}

export type ReadScore =
  | { readonly status: 'ok'; readonly request: ScoreRequest }
  | { readonly status: 'bad'; readonly why: string };

/** Reads the body of /v1/models/{model}/score: `{"example": {...}, "log": true, "producer": "..."}`. */
export function readScore(contract: Contract, body: unknown): ReadScore {
  const parsed = ONE.safeParse(body);
  if (!parsed.success) return bad(oneLine(parsed.error));
  const read = readExample(contract, parsed.data.example);
  if (read.status === 'bad') return bad(`example: ${read.why}`);
  return { status: 'ok', request: requestOf(parsed.data, [read.record]) };
}

/** Reads the body of /v1/models/{model}/score-batch: the same with `examples`, a list. */
export function readScoreBatch(contract: Contract, body: unknown): ReadScore {
  const parsed = MANY.safeParse(body);
  if (!parsed.success) return bad(oneLine(parsed.error));
  const records: Record<string, unknown>[] = [];
  for (const [index, example] of parsed.data.examples.entries()) {
    const read = readExample(contract, example);
    if (read.status === 'bad') return bad(`examples[${index}]: ${read.why}`);
    records.push(read.record);
  }
  return { status: 'ok', request: requestOf(parsed.data, records) };
}

function requestOf(
  options: z.infer<typeof OPTIONS>,
  records: readonly Record<string, unknown>[],
): ScoreRequest {
  return {
    records,
    log: options.log,
    awaitLog: options.log && options.await_log,
    producer: options.producer,
    version: options.version,
  };
}

function bad(why: string): ReadScore {
  return { status: 'bad', why };
}

function oneLine(error: z.ZodError): string {
  return z.prettifyError(error).replaceAll(/\s+/g, ' ').trim();
}

export const LARGEST_BATCH = 10_000;
const OPTIONS = z.strictObject({
  log: z.boolean().default(true),
  await_log: z.boolean().default(false),
  producer: z.string().max(200).default(UNKNOWN_PRODUCER),
  version: z.string().optional(),
});
const ONE = OPTIONS.extend({ example: z.unknown() });
const MANY = OPTIONS.extend({ examples: z.array(z.unknown()).min(1).max(LARGEST_BATCH) });
