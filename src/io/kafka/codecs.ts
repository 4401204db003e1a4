import { promisify } from 'node:util';
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';
import { DriftwatchError } from '../../errors.ts';

/**
 * Teaches kafkajs the compressions that Node has: gzip and zstd, both with a bound on what a record batch
 * may unpack to, so that a bomb costs an error and not the process. Topics in snappy or lz4 are refused
 * with a sentence.
 */
export function installCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.GZIP] = () => ({
    compress: (encoder: Encoder) => pack.gzip(encoder.buffer),
    decompress: (bytes: Buffer) => unpack.gzip(bytes, { maxOutputLength: MOST_BYTES }),
  });
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: (encoder: Encoder) => pack.zstd(encoder.buffer),
    decompress: (bytes: Buffer) => unpack.zstd(bytes, { maxOutputLength: MOST_BYTES }),
  });
  CompressionCodecs[CompressionTypes.Snappy] = () => refuse('snappy');
  CompressionCodecs[CompressionTypes.LZ4] = () => refuse('lz4');
}

interface Encoder {
  readonly buffer: Buffer;
}

/** A batch of the broker's largest size, 1 MiB, packs at most this much of anything but a bomb. */
const MOST_BYTES = 256 * 1024 * 1024;
const pack = { gzip: promisify<Buffer, Buffer>(gzip), zstd: promisify<Buffer, Buffer>(zstdCompress) };
const unpack = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) };

function refuse(name: string) {
  const fail = (): never => {
    throw new DriftwatchError({
      code: 'NOT_YET',
      message: `A topic holds messages compressed with ${name}, which driftwatch cannot read yet.`,
      next: 'Let the producer use zstd, gzip or no compression.',
    });
  };
  return { compress: fail, decompress: fail };
}
