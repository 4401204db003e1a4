import { readFile } from 'node:fs/promises';
import { inflateRawSync, zstdDecompressSync } from 'node:zlib';
import avro, { type Schema, type Type } from 'avsc';
import { parseDefinition } from '../../../core/avro/definition.ts';
import { resolveDefinition, withoutNull } from '../../../core/avro/resolve.ts';
import { typeText } from '../../../core/avro/type-text.ts';
import { DriftwatchError } from '../../../errors.ts';
import { collectColumns, type ReadTable, type TableFields } from './collect-columns.ts';

/**
 * Reads an Avro object container, block by block. The framing is read here, because a reader that takes a file cut
 * in mid-block for a complete one would judge half a day; values are decoded by avsc. Whole numbers beyond 2^53
 * are rounded to the nearest double, as a database does when it takes them for numbers.
 */
export async function readAvroTable(path: string, args: TableFields = {}): Promise<ReadTable> {
  const bytes = await readFile(path);
  const { type, times, codec, sync, end } = readHeader(bytes);
  if (!(type instanceof avro.types.RecordType))
    throw new Error(`its values are ${type.typeName}, not records`);
  const fields = type.fields.filter(({ name }) => args.columns === undefined || args.columns.includes(name));
  const columns = collectColumns({ path });
  const setters = fields.map((field) => ({
    name: field.name,
    time: times.get(field.name),
    set: args.maps?.includes(field.name) === true ? columns.map(field.name) : columns.column(field.name),
  }));
  let row = 0;
  for (let at = end; at < bytes.length; ) {
    const count = readLong(bytes, at);
    const size = readLong(bytes, count.end);
    const stop = size.end + size.value;
    if (count.value < 0 || size.value < 0 || stop + SYNC_LENGTH > bytes.length) {
      throw new Error(`it ends in the middle of a block, after ${row} rows`);
    }
    if (!bytes.subarray(stop, stop + SYNC_LENGTH).equals(sync))
      throw new Error(`a block does not end where it says, after ${row} rows`);
    const block = decompress(bytes.subarray(size.end, stop), codec);
    let offset = 0;
    for (let i = 0; i < count.value; i += 1) {
      const decoded = type.decode(block, offset);
      if (decoded.offset < 0) throw new Error(`a block holds fewer rows than it says, after ${row} rows`);
      offset = decoded.offset;
      const value: unknown = decoded.value;
      for (const { name, time, set } of setters) set(row, plain(propertyOf(value, name), time));
      row += 1;
    }
    if (offset !== block.length) throw new Error(`a block holds more bytes than its rows, after ${row} rows`);
    at = stop + SYNC_LENGTH;
  }
  return columns.finish(row);
}

function readHeader(bytes: Buffer): {
  type: Type;
  times: ReadonlyMap<string, number>;
  codec: string;
  sync: Buffer;
  end: number;
} {
  const header = HEADER.decode(bytes, 0);
  if (header.offset < 0) throw new Error('its header is cut short');
  const meta: unknown = propertyOf(header.value, 'meta');
  const sync: unknown = propertyOf(header.value, 'sync');
  const schema: unknown = propertyOf(meta, 'avro.schema');
  const codec: unknown = propertyOf(meta, 'avro.codec');
  if (!Buffer.isBuffer(schema) || !Buffer.isBuffer(sync)) throw new Error('its header has no schema');
  return {
    // Unions of several types stay plain values: a union of a text and a number is told by the value.
    type: avro.Type.forSchema(parseSchema(schema), { registry: {}, typeHook: longHook, wrapUnions: 'never' }),
    times: timeFactors(schema),
    codec: Buffer.isBuffer(codec) ? codec.toString() : 'null',
    sync,
    end: header.offset,
  };
}

/** avsc checks the schema itself and says what is wrong with it. */
function parseSchema(schema: Buffer): Schema {
  return JSON.parse(schema.toString()) as Schema;
}

function longHook(schema: Schema): Type | undefined {
  const name = typeof schema === 'object' && 'type' in schema ? schema.type : schema;
  return name === 'long' ? LONG : undefined;
}

/** Longs as doubles: avsc refuses those beyond 2^53 unless told what to make of them. */
const LONG: Type = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => Number(buffer.readBigInt64LE()),
  toBuffer: (value: number) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(BigInt(value));
    return buffer;
  },
  fromJSON: Number,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'number',
  compare: (a: number, b: number) => a - b,
});

/** Factor from the value of a time field to milliseconds, by field. */
function timeFactors(schema: Buffer): Map<string, number> {
  const parsed = parseDefinition(schema.toString());
  if (parsed.status !== 'ok') throw new Error(parsed.problems.join('; '));
  const root = resolveDefinition(parsed.definition);
  const factors = new Map<string, number>();
  for (const { name, node } of root.kind === 'record' ? root.fields : []) {
    const factor = TIME_FACTORS.get(typeText(withoutNull(node).node));
    if (factor !== undefined) factors.set(name, factor);
  }
  return factors;
}

const TIME_FACTORS: ReadonlyMap<string, number> = new Map([
  ['timestamp-millis', 1],
  ['timestamp-micros', 1e-3],
  ['local-timestamp-millis', 1],
  ['local-timestamp-micros', 1e-3],
  ['date', 86_400_000],
]);

function plain(value: unknown, time: number | undefined): unknown {
  return time !== undefined && typeof value === 'number' ? new Date(value * time) : value;
}

function decompress(block: Buffer, codec: string): Buffer {
  if (codec === 'null') return block;
  if (codec === 'deflate') return inflateRawSync(block);
  if (codec === 'zstandard') return zstdDecompressSync(block);
  throw new DriftwatchError({
    code: 'FILE_INVALID',
    message: `The Avro container is compressed with ${codec}.`,
    next: 'Write it with null, deflate or zstandard.',
  });
}

/** A zigzag number of at most ten bytes. */
function readLong(bytes: Buffer, from: number): { value: number; end: number } {
  let [bits, shift, at] = [0n, 0n, from];
  for (;;) {
    const byte = bytes[at];
    if (byte === undefined || at - from >= 10) throw new Error('it ends in the middle of a number');
    bits |= BigInt(byte & 127) << shift;
    shift += 7n;
    at += 1;
    if (byte < 128) break;
  }
  return { value: Number((bits >> 1n) ^ -(bits & 1n)), end: at };
}

function propertyOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

const HEADER = avro.Type.forSchema({
  type: 'record',
  name: 'Header',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'Magic', size: 4 } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: { type: 'fixed', name: 'Sync', size: 16 } },
  ],
});
const SYNC_LENGTH = 16;
