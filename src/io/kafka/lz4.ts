import { setImmediate as nextTurn } from 'node:timers/promises';
import { createOutput, type Output } from './output.ts';

/**
 * Unpacks an LZ4 frame, its blocks independent or linked. Undefined for what is no such thing, asks for a
 * dictionary, or unpacks to more than `most` bytes. Checksums are not compared: Kafka has its own over the
 * batch. Format: github.com/lz4/lz4, doc/lz4_Frame_format.md and doc/lz4_Block_format.md.
 */
export async function unpackLz4(bytes: Buffer, most: number): Promise<Buffer | undefined> {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== MAGIC) return undefined;
  const flags = bytes[4] ?? 0;
  if (flags >>> 6 !== VERSION || (flags & DICTIONARY) !== 0) return undefined;
  const output = createOutput({ expected: 4 * bytes.length, most });
  const after = (flags & BLOCK_CHECKSUM) === 0 ? 0 : 4;
  let at = 7 + ((flags & CONTENT_SIZE) === 0 ? 0 : 8);
  for (;;) {
    if (at + 4 > bytes.length) return undefined;
    const word = bytes.readUInt32LE(at);
    at += 4;
    if (word === END) return output.bytes();
    const end = at + (word & 0x7fffffff);
    if (end > bytes.length) return undefined;
    const stored = word > 0x7fffffff;
    if (!(stored ? output.push(bytes, at, end) : await block(bytes, at, end, output))) return undefined;
    at = end + after;
  }
}

const MAGIC = 0x184d2204;
const VERSION = 1;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const DICTIONARY = 0x01;
const END = 0;
const SHORTEST = 4;

/** Sequences of literals and repetitions; the last has only literals. */
async function block(bytes: Buffer, from: number, end: number, output: Output): Promise<boolean> {
  let at = from;

  /** Four bits, and as many bytes as it takes when they are all set; negative when they end too early. */
  function length(nibble: number): number {
    if (nibble < 15) return nibble;
    let sum = nibble;
    for (;;) {
      if (at >= end) return -1;
      const byte = bytes[at] ?? 0;
      at += 1;
      sum += byte;
      if (byte < 255) return sum;
    }
  }

  while (at < end) {
    if (output.due()) await nextTurn();
    const token = bytes[at] ?? 0;
    at += 1;
    const literals = length(token >>> 4);
    if (literals < 0 || at + literals > end || !output.push(bytes, at, at + literals)) return false;
    at += literals;
    if (at === end) return true;
    if (at + 2 > end) return false;
    const distance = bytes.readUInt16LE(at);
    at += 2;
    const more = length(token & 15);
    if (more < 0 || !output.repeat(distance, more + SHORTEST)) return false;
  }
  return from === end;
}
