import { joined, longBytes } from './avro-writer.ts';

/** A record as it lies in a batch: its number from the batch's first offset on, a value, and headers. */
export function recordBytes(args: {
  delta: number;
  value: Uint8Array;
  headers?: readonly Uint8Array[];
}): Uint8Array {
  const headers = args.headers ?? [];
  const rest = joined([
    Uint8Array.of(0),
    longBytes(0),
    longBytes(args.delta),
    longBytes(-1),
    longBytes(args.value.length),
    args.value,
    longBytes(headers.length),
    ...headers,
  ]);
  return joined([longBytes(rest.length), rest]);
}

/**
 * A Kafka record batch of version 2 around records that are packed already. What it says about them may be a
 * lie: brokers check it, and a reader must not trust that they did. The checksum is left out.
 */
export function recordBatch(args: {
  base: number;
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  compression: number;
  count: number;
  lastDelta: number;
  body: Uint8Array;
  timestampMs?: number;
}): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + args.body.length);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(args.base));
  view.setInt32(8, bytes.length - 12);
  bytes[16] = 2;
  view.setInt16(21, args.compression);
  view.setInt32(23, args.lastDelta);
  view.setBigInt64(27, BigInt(args.timestampMs ?? 0));
  view.setBigInt64(35, BigInt(args.timestampMs ?? 0));
  view.setBigInt64(43, -1n);
  view.setInt16(51, -1);
  view.setInt32(53, -1);
  view.setInt32(57, args.count);
  bytes.set(args.body, HEADER_BYTES);
  return bytes;
}

const HEADER_BYTES = 61;

/** An LZ4 frame of one block that repeats one byte: about 255 bytes for each of its own. */
export function lz4Bomb(bytes: number): Uint8Array {
  const block = joined([Uint8Array.of(0x1f, 0, 1, 0), new Uint8Array(bytes).fill(255), Uint8Array.of(0, 0)]);
  const head = new Uint8Array(11);
  const view = new DataView(head.buffer);
  view.setUint32(0, 0x184d2204, true);
  head.set([0x60, 0x40, 0x82], 4);
  view.setUint32(7, block.length, true);
  return joined([head, block, new Uint8Array(4)]);
}

/** A raw snappy block that claims 4 GB and repeats one byte: 64 for each three of its own. */
export function snappyBomb(bytes: number): Uint8Array {
  const copies = Uint8Array.from({ length: bytes }, (_, i) => [0xfe, 1, 0][i % 3] ?? 0);
  return joined([Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0), copies]);
}
