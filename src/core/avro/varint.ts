/** Negative positions are the ways in which reading can fail; everything else is the next position. */
export const TRUNCATED = -1;
export const MALFORMED = -2;
export const TOO_DEEP = -3;
export const TOO_MANY_ITEMS = -4;

/**
 * Position after the Avro int at `at`. At most five bytes and 32 bits: padding within five bytes is
 * read by every Avro library, longer ones are not an int.
 */
export function skipInt(bytes: Uint8Array, at: number): number {
  return skipVarint(bytes, at, 5, 0x0f);
}

/** Position after the Avro long at `at`: at most ten bytes and 64 bits. */
export function skipLong(bytes: Uint8Array, at: number): number {
  return skipVarint(bytes, at, 10, 0x01);
}

/**
 * Value of the varint in [from, to), zigzag undone. Exact within the safe integers; beyond them the
 * nearest double, which is enough to see that a count or a length is too large.
 */
export function varintValue(bytes: Uint8Array, from: number, to: number): number {
  const first = bytes[from] ?? 0;
  if (to === from + 1) return (first >>> 1) ^ -(first & 1);
  // Half of the unsigned number, so that nothing is lost between 2^53 and 2^54.
  let half = (first & 0x7f) >>> 1;
  let scale = 64;
  for (let at = from + 1; at < to; at += 1) {
    half += ((bytes[at] ?? 0) & 0x7f) * scale;
    scale *= 128;
  }
  return (first & 1) === 0 ? half : -half - 1;
}

function skipVarint(bytes: Uint8Array, at: number, longest: number, lastMost: number): number {
  const { length } = bytes;
  const stop = at + longest;
  for (let next = at; next < stop; next += 1) {
    if (next >= length) return TRUNCATED;
    const byte = bytes[next] ?? 0;
    if (byte < 0x80) return next === stop - 1 && byte > lastMost ? MALFORMED : next + 1;
  }
  return MALFORMED;
}

/** Bytes that a whole number from -2^52 to 2^52 takes as an Avro int or long. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = zigzag(value); rest >= 0x80; rest = Math.floor(rest / 128)) length += 1;
  return length;
}

/** Writes a whole number from -2^52 to 2^52 and returns the position after it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = zigzag(value);
  let next = at;
  while (rest >= 0x80) {
    bytes[next] = (rest % 128) + 0x80;
    rest = Math.floor(rest / 128);
    next += 1;
  }
  bytes[next] = rest;
  return next + 1;
}

function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1;
}
