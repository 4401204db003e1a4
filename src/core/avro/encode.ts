import { varintLength, writeVarint } from './varint.ts';

/** An Avro int or long, from -2^52 to 2^52: offsets, ids and times stay far below. */
export function encodeLong(value: number): Uint8Array {
  const bytes = new Uint8Array(varintLength(value));
  writeVarint(bytes, 0, value);
  return bytes;
}

/** Length and content: what Avro calls bytes. */
export function encodeBytes(content: Uint8Array): Uint8Array {
  return concatenate([encodeLong(content.length), content]);
}

/** What Avro calls a string: bytes of UTF-8. */
export function encodeString(text: string): Uint8Array {
  return encodeBytes(new TextEncoder().encode(text));
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
