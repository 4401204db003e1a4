import { setImmediate as nextTurn } from 'node:timers/promises';
import { createOutput, type Output } from './output.ts';

/**
 * Unpacks what Kafka calls snappy: raw blocks in the framing of snappy-java, or one raw block as librdkafka
 * sends it. Undefined for what is no such thing or unpacks to more than `most` bytes. Format:
 * github.com/google/snappy, format_description.txt; framing: SnappyOutputStream of snappy-java.
 */
export async function unpackSnappy(bytes: Buffer, most: number): Promise<Buffer | undefined> {
  const output = createOutput({ expected: 4 * bytes.length, most });
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    return (await block(bytes, 0, bytes.length, output)) ? output.bytes() : undefined;
  }
  for (let at = MAGIC.length + VERSIONS; at < bytes.length; ) {
    if (at + 4 > bytes.length) return undefined;
    const from = at + 4;
    at = from + bytes.readInt32BE(at);
    if (at < from || at > bytes.length || !(await block(bytes, from, at, output))) return undefined;
  }
  return output.bytes();
}

const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const VERSIONS = 8;

/** One raw block: the length it unpacks to, then literals and copies. */
async function block(bytes: Buffer, from: number, end: number, output: Output): Promise<boolean> {
  let at = from;
  let claimed = 0;
  for (let shift = 1; ; shift *= 128) {
    const byte = bytes[at];
    if (at >= end || byte === undefined || shift > 2 ** 28) return false;
    at += 1;
    claimed += (byte & 0x7f) * shift;
    if (byte < 0x80) break;
  }
  if (!output.fits(claimed)) return false;
  const target = output.length() + claimed;
  while (at < end) {
    if (output.due()) await nextTurn();
    const tag = bytes[at] ?? 0;
    at += 1;
    const kind = tag & 3;
    if (kind === LITERAL) {
      let length = (tag >>> 2) + 1;
      if (length > 60) {
        const size = length - 60;
        if (at + size > end) return false;
        length = bytes.readUIntLE(at, size) + 1;
        at += size;
      }
      if (at + length > end || !output.push(bytes, at, at + length)) return false;
      at += length;
      continue;
    }
    const size = kind === NEAR ? 1 : kind === MIDDLE ? 2 : 4;
    if (at + size > end) return false;
    const low = bytes.readUIntLE(at, size);
    at += size;
    const distance = kind === NEAR ? ((tag >>> 5) << 8) | low : low;
    const length = kind === NEAR ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    if (!output.repeat(distance, length)) return false;
  }
  return output.length() === target;
}

const LITERAL = 0;
const NEAR = 1;
const MIDDLE = 2;
