import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { unpackLz4 } from './lz4.ts';
import { unpackSnappy } from './snappy.ts';

/** Bytes, or why there are none, in words. */
export type Unpacked =
  | { readonly status: 'ok'; readonly bytes: Buffer }
  | { readonly status: 'bad'; readonly why: string };

/** By the number that Kafka gives them in a batch's attributes. */
export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/**
 * Unpacks the records of a batch, never to more than `most` bytes: a bomb costs an answer and not the process.
 * Large outputs are made off the event loop or in steps.
 */
export async function unpack(compression: Compression, bytes: Buffer, most: number): Promise<Unpacked> {
  try {
    const found = await UNPACKERS[compression](bytes, most);
    if (found !== undefined) return { status: 'ok', bytes: found };
    return { status: 'bad', why: `is no ${compression} or unpacks to more than ${most} bytes` };
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') return { status: 'bad', why: `unpacks to more than ${most} bytes` };
    if (typeof code !== 'string' || !/^(Z_|ZSTD_)/.test(code)) throw error;
    return { status: 'bad', why: `is no ${compression} (${code})` };
  }
}

type Unpacker = (bytes: Buffer, most: number) => Promise<Buffer | undefined>;
const inflate = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) };
const UNPACKERS: Readonly<Record<Compression, Unpacker>> = {
  none: async (bytes) => bytes,
  gzip: (bytes, most) => inflate.gzip(bytes, { maxOutputLength: most, chunkSize: chunkFor(bytes) }),
  snappy: unpackSnappy,
  lz4: unpackLz4,
  zstd: (bytes, most) => inflate.zstd(bytes, { maxOutputLength: most, chunkSize: chunkFor(bytes) }),
};

/** A large batch in few pieces, a small one without a large buffer. */
function chunkFor(bytes: Buffer): number {
  return Math.min(1024 * 1024, Math.max(16 * 1024, 4 * bytes.length));
}
