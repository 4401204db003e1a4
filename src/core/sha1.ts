/**
 * SHA-1 of some bytes: 20 bytes. Broken as a signature, so only for naming things (see uuid.ts).
 * Source: FIPS 180-4, sections 5 and 6.1.
 */
export function sha1(message: Uint8Array): Uint8Array {
  const padded = pad(message);
  const view = new DataView(padded.buffer);
  const state: State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const schedule = new Int32Array(80);
  for (let block = 0; block < padded.length; block += 64) {
    for (let t = 0; t < 16; t += 1) schedule[t] = view.getInt32(block + 4 * t);
    for (let t = 16; t < 80; t += 1) {
      const mixed =
        word(schedule, t - 3) ^ word(schedule, t - 8) ^ word(schedule, t - 14) ^ word(schedule, t - 16);
      schedule[t] = rotateLeft(mixed, 1);
    }
    compress(state, schedule);
  }
  const digest = new DataView(new ArrayBuffer(20));
  for (const [index, part] of state.entries()) digest.setInt32(4 * index, part);
  return new Uint8Array(digest.buffer);
}

type State = [number, number, number, number, number];

function compress(state: State, schedule: Int32Array): void {
  let [a, b, c, d, e] = state;
  for (let t = 0; t < 80; t += 1) {
    const next = (rotateLeft(a, 5) + mix(t, b, c, d) + e + constant(t) + word(schedule, t)) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  state[0] = (state[0] + a) | 0;
  state[1] = (state[1] + b) | 0;
  state[2] = (state[2] + c) | 0;
  state[3] = (state[3] + d) | 0;
  state[4] = (state[4] + e) | 0;
}

function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return (b & c) | (~b & d);
  if (t < 40 || t >= 60) return b ^ c ^ d;
  return (b & c) | (b & d) | (c & d);
}

function constant(t: number): number {
  if (t < 20) return 0x5a827999;
  if (t < 40) return 0x6ed9eba1;
  return t < 60 ? 0x8f1bbcdc : 0xca62c1d6;
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(schedule: Int32Array, t: number): number {
  return schedule[t] ?? 0;
}

/** A one bit, zeros, and the length in bits, to a multiple of 64 bytes. */
function pad(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  new DataView(padded.buffer).setBigUint64(padded.length - 8, BigInt(message.length) * 8n);
  return padded;
}
