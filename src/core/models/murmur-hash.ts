/**
 * MurmurHash3 x86 32-bit of a text in UTF-8, 0 to 2^32 - 1: the hash that the operator MurmurHash3 of ONNX
 * Runtime computes, so that training and serving agree on buckets. Not for secrets.
 * Source: Austin Appleby, github.com/aappleby/smhasher, MurmurHash3.cpp (public domain).
 */
export function murmurHash(text: string, seed = 0): number {
  const bytes = utf8.encode(text);
  const blocks = bytes.length >> 2;
  let hash = seed;
  for (let block = 0; block < blocks; block += 1) {
    const at = 4 * block;
    const word =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    hash = rotate(hash ^ mixed(word), 13);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let at = bytes.length - 1; at >= 4 * blocks; at -= 1) rest = (rest << 8) | (bytes[at] ?? 0);
  if (bytes.length > 4 * blocks) hash ^= mixed(rest);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const utf8 = new TextEncoder();

function mixed(word: number): number {
  return Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
