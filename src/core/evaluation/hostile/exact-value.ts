import { type AvroDefinition, isPrimitive } from '../../avro/definition.ts';

/**
 * Says whether bytes are exactly one value of a schema, by plain recursion over the Avro specification,
 * independent of the walker: what the walker is held against. Strict where readers differ: booleans are 0 or
 * 1, ints have at most five bytes and 32 bits, longs at most ten bytes. The event time must be a date.
 */
export function isExactly(definition: AvroDefinition, bytes: Uint8Array): boolean {
  const at: Cursor = { bytes, position: 0, names: new Map() };
  try {
    read(definition, at);
    return at.position === bytes.length;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

interface Cursor {
  readonly bytes: Uint8Array;
  position: number;
  readonly names: Map<string, AvroDefinition>;
}

function read(definition: AvroDefinition, at: Cursor): unknown {
  if (typeof definition === 'string') {
    const named = at.names.get(definition);
    return named === undefined && isPrimitive(definition)
      ? primitive(definition, at)
      : read(named ?? 'null', at);
  }
  if (!('type' in definition)) {
    const branch = definition[Number(varint(at, 10))];
    if (branch === undefined) throw new RangeError('no such branch');
    return read(branch, at);
  }
  switch (definition.type) {
    case 'record': {
      const values = new Map<string, unknown>();
      for (const field of definition.fields) {
        const value = read(field.type, at);
        values.set(field.name, value);
        if (field.name === 'event_time' && !(Math.abs(Number(value)) <= 8.64e15))
          throw new RangeError('no date');
      }
      return values;
    }
    case 'enum':
      if (definition.symbols[Number(varint(at, 5))] === undefined) throw new RangeError('no such symbol');
      return undefined;
    case 'fixed':
      return take(at, definition.size);
    case 'array':
      return blocks(at, () => read(definition.items, at));
    case 'map':
      return blocks(at, () => {
        primitive('string', at);
        read(definition.values, at);
      });
    default:
      return primitive(definition.type, at);
  }
}

function primitive(name: string, at: Cursor): unknown {
  switch (name) {
    case 'null':
      return null;
    case 'boolean':
      if ((take(at, 1)[0] ?? 2) > 1) throw new RangeError('neither 0 nor 1');
      return undefined;
    case 'int': {
      const value = varint(at, 5);
      if (value < -2147483648n || value > 2147483647n) throw new RangeError('over 32 bits');
      return value;
    }
    case 'long':
      return varint(at, 10);
    case 'float':
      return take(at, 4);
    case 'double':
      return take(at, 8);
    default:
      return take(at, Number(varint(at, 10)));
  }
}

function blocks(at: Cursor, item: () => unknown): void {
  for (;;) {
    let count = varint(at, 10);
    if (count === 0n) return;
    let end: number | undefined;
    if (count < 0n) {
      count = -count;
      const size = Number(varint(at, 10));
      end = at.position + size;
    }
    if (count > BigInt(at.bytes.length - at.position)) throw new RangeError('more items than bytes');
    for (let index = 0n; index < count; index += 1n) item();
    if (end !== undefined && end !== at.position) throw new RangeError('a block of another size');
  }
}

function varint(at: Cursor, longest: number): bigint {
  let value = 0n;
  for (let index = 0; index < longest; index += 1) {
    const byte = take(at, 1)[0] ?? 0;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) {
      if (value >= 1n << (longest === 5 ? 32n : 64n)) throw new RangeError('too large');
      return (value >> 1n) ^ -(value & 1n);
    }
  }
  throw new RangeError('too long');
}

function take(at: Cursor, length: number): Uint8Array {
  if (!(length >= 0) || at.position + length > at.bytes.length) throw new RangeError('past the end');
  at.position += length;
  return at.bytes.subarray(at.position - length, at.position);
}
