/** Bytes before the Avro body of a Confluent message: a zero, then the schema id, big-endian. */
export const FRAME_LENGTH = 5;

export type Frame =
  | { readonly status: 'ok'; readonly schemaId: number }
  | { readonly status: 'bad'; readonly reason: 'empty' | 'not-framed'; readonly detail: string };

/** Reads the five bytes in front of the body. A message without a value is a tombstone, not for here. */
export function parseFrame(value: Uint8Array): Frame {
  if (value.length === 0) return { status: 'bad', reason: 'empty', detail: 'The value has no bytes.' };
  const [magic, a = 0, b = 0, c = 0, d = 0] = value;
  if (magic !== 0) {
    return {
      status: 'bad',
      reason: 'not-framed',
      detail: `Byte 0 is ${magic}; a framed value begins with 0.`,
    };
  }
  if (value.length < FRAME_LENGTH) {
    const detail = `${value.length} bytes; the schema id ends at byte ${FRAME_LENGTH}.`;
    return { status: 'bad', reason: 'not-framed', detail };
  }
  return { status: 'ok', schemaId: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0 };
}

/** A new array of `length` body bytes behind the frame of a schema id. */
export function frame(schemaId: number, body: Uint8Array): Uint8Array {
  const value = new Uint8Array(FRAME_LENGTH + body.length);
  value.set([0, schemaId >>> 24, (schemaId >>> 16) & 255, (schemaId >>> 8) & 255, schemaId & 255]);
  value.set(body, FRAME_LENGTH);
  return value;
}
