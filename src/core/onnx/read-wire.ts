/**
 * Reads Protocol Buffers without trusting them: every length is checked against the bytes that are left,
 * every varint against ten bytes, and nothing is copied.
 */
export type FieldValue =
  | { readonly wire: 'varint'; readonly value: bigint }
  | { readonly wire: 'fixed64'; readonly bytes: Uint8Array }
  | { readonly wire: 'fixed32'; readonly bytes: Uint8Array }
  | { readonly wire: 'bytes'; readonly bytes: Uint8Array };

export type Field = FieldValue & { readonly field: number };

/**
 * Calls `visit` for every field of one message, in order, until it answers false. Answers false when a
 * visit did or when the bytes stop making sense.
 */
export function eachField(message: Uint8Array, visit: (field: Field) => boolean): boolean {
  let at = 0;
  while (at < message.length) {
    const tag = readVarint(message, at);
    if (tag === undefined || tag.value > MAX_TAG) return false;
    const field = Number(tag.value >> 3n);
    const value = readValue(message, tag.end, Number(tag.value & 7n));
    if (field === 0 || value === undefined) return false;
    if (!visit({ field, ...value.value })) return false;
    at = value.end;
  }
  return true;
}

/** Values of a repeated integer field that is packed into bytes; undefined when malformed. */
export function unpackVarints(bytes: Uint8Array): readonly bigint[] | undefined {
  const values: bigint[] = [];
  let at = 0;
  while (at < bytes.length) {
    const read = readVarint(bytes, at);
    if (read === undefined) return undefined;
    values.push(read.value);
    at = read.end;
  }
  return values;
}

const MAX_TAG = 0xffff_ffffn;

function readValue(
  message: Uint8Array,
  at: number,
  type: number,
): { value: FieldValue; end: number } | undefined {
  if (type === 0) {
    const read = readVarint(message, at);
    return read === undefined ? undefined : { value: { wire: 'varint', value: read.value }, end: read.end };
  }
  if (type === 1) return fixed(message, at, 8, 'fixed64');
  if (type === 5) return fixed(message, at, 4, 'fixed32');
  // 3 and 4 are groups, which ONNX does not use; 6 and 7 do not exist.
  if (type !== 2) return undefined;
  const length = readVarint(message, at);
  if (length === undefined || length.value > BigInt(message.length - length.end)) return undefined;
  const end = length.end + Number(length.value);
  return { value: { wire: 'bytes', bytes: message.subarray(length.end, end) }, end };
}

function fixed(message: Uint8Array, at: number, size: 4 | 8, wire: 'fixed32' | 'fixed64') {
  if (at + size > message.length) return undefined;
  return { value: { wire, bytes: message.subarray(at, at + size) }, end: at + size };
}

function readVarint(bytes: Uint8Array, from: number): { value: bigint; end: number } | undefined {
  let low = 0;
  let at = from;
  // Four bytes fit into a number, which is what nearly every varint needs.
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    at += 1;
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value: BigInt(low), end: at };
  }
  let value = BigInt(low);
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    at += 1;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value >> 64n === 0n ? { value, end: at } : undefined;
  }
  return undefined;
}
