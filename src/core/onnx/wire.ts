/**
 * The part of the Protocol Buffers wire format that a model file needs: every function answers the
 * bytes of one field, and a message is the concatenation of its fields.
 * Source: protobuf.dev/programming-guides/encoding.
 */

/** Integer field; a negative number takes ten bytes, as int64 does. */
export function integerField(field: number, value: number): Uint8Array {
  return join([tag(field, VARINT), varint(value)]);
}

/** float field. */
export function floatField(field: number, value: number): Uint8Array {
  return join([tag(field, FIXED32), floats([value])]);
}

/** bytes field, or a message that was already put together. */
export function bytesField(field: number, value: Uint8Array): Uint8Array {
  return join([tag(field, LENGTH), varint(value.length), value]);
}

/** string field in UTF-8. */
export function textField(field: number, value: string): Uint8Array {
  return bytesField(field, utf8.encode(value));
}

/** Nested message made of the given fields. */
export function messageField(field: number, fields: readonly Uint8Array[]): Uint8Array {
  return bytesField(field, join(fields));
}

/** Packed repeated float; absent when empty. */
export function floatsField(field: number, values: ArrayLike<number>): Uint8Array {
  return values.length === 0 ? NOTHING : bytesField(field, floats(values));
}

/** Packed repeated int64; absent when empty. */
export function integersField(field: number, values: readonly number[]): Uint8Array {
  return values.length === 0 ? NOTHING : bytesField(field, join(values.map(varint)));
}

/** Bytes after bytes. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Little-endian float32 values one after the other. */
export function floats(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < values.length; at += 1) view.setFloat32(at * 4, values[at] ?? 0, true);
  return bytes;
}

/** Little-endian float64 values one after the other. */
export function doubles(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < values.length; at += 1) view.setFloat64(at * 8, values[at] ?? 0, true);
  return bytes;
}

const VARINT = 0;
const LENGTH = 2;
const FIXED32 = 5;
const NOTHING = new Uint8Array(0);
const utf8 = new TextEncoder();

function tag(field: number, type: number): Uint8Array {
  return varint(field * 8 + type);
}

function varint(value: number): Uint8Array {
  let left = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(left & 0x7fn);
    left >>= 7n;
    bytes.push(left === 0n ? low : low | 0x80);
  } while (left !== 0n);
  return Uint8Array.from(bytes);
}
