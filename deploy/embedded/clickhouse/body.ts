import type { IncomingMessage } from 'node:http';
import { Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { ClickHouseException } from './errors.ts';
import { type InsertHead, splitInsert } from './insert-body.ts';

/** A request's statement, and the data behind it where it is an INSERT with data. */
export type Incoming =
  | { readonly kind: 'statement'; readonly sql: string }
  | { readonly kind: 'insert'; readonly insert: InsertHead; readonly data: Readable };

/**
 * Reads URL text and body as one text, the way a server does. Only an INSERT's data stays unread, so that a
 * body of any size costs no memory; everything else must fit into `maxBytes`.
 */
export async function readIncoming(args: {
  sql: string;
  body: Readable | undefined;
  maxBytes: number;
}): Promise<Incoming> {
  const prefix = args.sql === '' ? '' : `${args.sql}\n`;
  const chunks: Buffer[] = [Buffer.from(prefix, 'utf8')];
  let size = prefix.length;
  const rest: AsyncIterator<unknown> | undefined = args.body?.[Symbol.asyncIterator]();
  let ended = rest === undefined;
  while (!ended && size < prefix.length + HEAD_BYTES) ended = !(await pull());
  const text = Buffer.concat(chunks);
  const insert = splitInsert(text.toString('latin1'));
  if (insert !== undefined) {
    const head = Buffer.from(insert.head, 'latin1').toString('utf8');
    return { kind: 'insert', insert: { ...insert, head }, data: dataOf(text.subarray(insert.dataAt), rest) };
  }
  while (!ended) ended = !(await pull());
  if (size > args.maxBytes) throw tooLarge(args.maxBytes);
  return { kind: 'statement', sql: Buffer.concat(chunks).toString('utf8').trim() };

  async function pull(): Promise<boolean> {
    const next = await rest?.next();
    if (next === undefined || next.done === true) return false;
    const chunk = bytesOf(next.value);
    size += chunk.length;
    if (size > Math.max(args.maxBytes, prefix.length + HEAD_BYTES)) throw tooLarge(args.maxBytes);
    chunks.push(chunk);
    return true;
  }
}

/** The body as it was before Content-Encoding. */
export function decoded(request: IncomingMessage, encoding: string): Readable {
  if (encoding === 'identity') return request;
  const decoder = DECODERS.get(encoding)?.();
  if (decoder === undefined) {
    throw new ClickHouseException({
      code: 89,
      type: 'UNKNOWN_COMPRESSION_METHOD',
      message: `Content-Encoding "${encoding}" is not known here: use gzip, deflate, br or zstd.`,
    });
  }
  request.once('error', (error) => decoder.destroy(error));
  request.once('close', () => {
    if (!request.complete) decoder.destroy(new Error('The client went away in the middle of its body.'));
  });
  return request.pipe(decoder);
}

const HEAD_BYTES = 64 * 1024;
const DECODERS = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

function dataOf(first: Buffer, rest: AsyncIterator<unknown> | undefined): Readable {
  async function* all(): AsyncGenerator<Buffer> {
    if (first.length > 0) yield first;
    for (;;) {
      const next = await rest?.next();
      if (next === undefined || next.done === true) return;
      yield bytesOf(next.value);
    }
  }
  return Readable.from(all(), { objectMode: false });
}

function bytesOf(chunk: unknown): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
}

function tooLarge(limit: number): ClickHouseException {
  return new ClickHouseException({
    code: 229,
    type: 'QUERY_IS_TOO_LARGE',
    message: `The statement is longer than ${limit} bytes. Data belongs behind INSERT ... FORMAT.`,
  });
}
