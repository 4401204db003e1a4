/** Bytes of an Avro int or long, zigzag, of any size up to 64 bits. */
export function longBytes(value: bigint | number): Uint8Array {
  const wide = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  const bytes: number[] = [];
  let rest = wide;
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** The same number in more bytes than it needs: what Avro readers take, up to the longest of the type. */
export function paddedBytes(value: number, length: number): Uint8Array {
  const short = longBytes(value);
  if (short.length >= length) return short;
  const padded = new Uint8Array(length).fill(0x80);
  padded.set(short);
  padded[short.length - 1] = (short.at(-1) ?? 0) | 0x80;
  padded[length - 1] = 0;
  return padded;
}

export function doubleBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}

/** Length and content, for texts of ASCII. */
export function textBytes(text: string): Uint8Array {
  return joined([longBytes(text.length), Uint8Array.from(text, (letter) => letter.charCodeAt(0))]);
}

export function joined(parts: Iterable<Uint8Array>): Uint8Array {
  const all = [...parts];
  const bytes = new Uint8Array(all.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of all) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function randomBytes(random: () => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}
