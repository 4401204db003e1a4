/** Bytes that an Avro int or long takes: zigzag, seven bits each. Exact for safe integers. */
export function longLength(value: number): number {
  let rest = zigzag(value);
  let length = 1;
  while (rest >= 128) {
    rest = Math.floor(rest / 128);
    length += 1;
  }
  return length;
}

/** Writes an Avro int or long and returns the position after it. */
export function writeLong(target: Buffer, at: number, value: number): number {
  let rest = zigzag(value);
  let next = at;
  while (rest >= 128) {
    target[next] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
    next += 1;
  }
  target[next] = rest;
  return next + 1;
}

export function longBytes(value: number): Buffer {
  const bytes = Buffer.alloc(longLength(value));
  writeLong(bytes, 0, value);
  return bytes;
}

/** Length and content: what Avro calls bytes, and string for UTF-8. */
export function bytesOf(content: Uint8Array): Buffer {
  return Buffer.concat([longBytes(content.length), content]);
}

export function stringBytes(text: string): Buffer {
  return bytesOf(Buffer.from(text, 'utf8'));
}

/** Zigzag within doubles: exact up to 2^52, which offsets, ids and times stay far below. */
function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1;
}
