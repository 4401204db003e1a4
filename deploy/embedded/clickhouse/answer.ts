import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Transform, Writable } from 'node:stream';
import { createBrotliCompress, createDeflate, createGzip, createZstdCompress } from 'node:zlib';
import { type ClickHouseException, exceptionText, httpStatus } from './errors.ts';
import type { ParsedRequest } from './request.ts';

/** The response of one query: a status line that is not written before the outcome is known, then bytes. */
export interface Answer {
  readonly started: boolean;
  /** Writes status and headers; later calls change nothing. */
  start(headers: Readonly<Record<string, string>>): void;
  /** Resolves when the client can take more. False once it has gone. */
  write(chunk: Uint8Array): Promise<boolean>;
  end(): Promise<void>;
  /** An exception with its own status, or in the middle of the stream, framed so that clients notice. */
  fail(error: ClickHouseException): Promise<void>;
}

export function createAnswer(args: {
  response: ServerResponse;
  encoding: ParsedRequest['responseEncoding'];
  version: string;
}): Answer {
  const { response, version } = args;
  const tag = randomBytes(8).toString('hex');
  const compressor = COMPRESSORS[args.encoding]?.();
  const sink: Writable = compressor ?? response;
  let started = false;
  if (compressor !== undefined) {
    // A client that goes away is no fault of this process.
    compressor.on('error', () => response.destroy());
    compressor.pipe(response);
    response.once('close', () => compressor.destroy());
  }
  const start: Answer['start'] = (headers) => {
    if (started) return;
    started = true;
    if (compressor !== undefined) response.setHeader('Content-Encoding', args.encoding);
    response.setHeader('X-ClickHouse-Exception-Tag', tag);
    response.writeHead(200, headers);
  };
  const end = async (): Promise<void> => {
    if (response.closed) return;
    const closed = closing(response);
    sink.end();
    await closed;
  };
  return {
    get started() {
      return started;
    },
    start,
    async write(chunk) {
      if (response.destroyed || sink.destroyed) return false;
      if (sink.write(chunk)) return true;
      await Promise.race([once(sink, 'drain').catch(() => undefined), closing(response)]);
      return !response.destroyed;
    },
    end,
    async fail(error) {
      const text = exceptionText(error, version);
      if (started) {
        sink.write(midStream(text, tag));
        return end();
      }
      if (response.closed) return;
      if (compressor !== undefined) compressor.unpipe(response);
      started = true;
      response.writeHead(httpStatus(error.code), {
        'Content-Type': 'text/plain; charset=UTF-8',
        'X-ClickHouse-Exception-Code': String(error.code),
        ...(error.code === 194 || error.code === 516
          ? { 'WWW-Authenticate': 'Basic realm="ClickHouse"' }
          : {}),
      });
      const closed = closing(response);
      response.end(text);
      await closed;
    },
  };
}

/** Resolves when the response is over, sent or broken off. */
async function closing(response: ServerResponse): Promise<void> {
  if (response.closed) return;
  await new Promise<void>((resolve) => response.once('close', resolve));
}

/** The frame that marks an exception behind bytes already sent: mark, tag, text, its length, tag, mark. Pure. */
export function midStream(text: string, tag: string): string {
  const message = text.trimEnd();
  const length = Buffer.byteLength(message) + 1;
  return `\r\n__exception__\r\n${tag}\r\n${message}\n${length} ${tag}\r\n__exception__\r\n`;
}

const COMPRESSORS: Readonly<Record<ParsedRequest['responseEncoding'], (() => Transform) | undefined>> = {
  gzip: () => createGzip({ level: 1 }),
  br: createBrotliCompress,
  deflate: createDeflate,
  zstd: createZstdCompress,
  identity: undefined,
};
