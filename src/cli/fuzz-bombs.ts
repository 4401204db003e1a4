import { gzipSync, zstdCompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { installCodecs } from '../io/kafka/codecs.ts';
import type { StallMeter } from './fuzz-stall.ts';

/**
 * Record batches of under a megabyte that unpack to 400 MB, through the codecs that the consumer uses. Each
 * must be refused; `dead_letters` counts those, `rows` those that were unpacked.
 */
export async function bombs(args: {
  bombs: number;
  meter: StallMeter;
  complain(text: string): void;
}): Promise<{ sent: number; rows: number; dead_letters: number }> {
  installCodecs();
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const zeros = Buffer.alloc(400 * 1024 * 1024);
  const packed = [
    { codec: CompressionCodecs[CompressionTypes.GZIP](), bytes: gzipSync(zeros, { level: 1 }) },
    { codec: CompressionCodecs[CompressionTypes.ZSTD](), bytes: zstdCompressSync(zeros) },
  ];
  const count = { sent: 0, rows: 0, dead_letters: 0 };
  for (let i = 0; i < args.bombs; i += 1) {
    const one = packed[i % packed.length];
    if (one === undefined) continue;
    count.sent += 1;
    try {
      await args.meter.measure(() => one.codec.decompress(one.bytes));
      count.rows += 1;
      args.complain(`codec-bombs: ${one.bytes.length} bytes were unpacked`);
    } catch {
      count.dead_letters += 1;
    }
  }
  return count;
}
