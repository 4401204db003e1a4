/**
 * One step of a 32-bit generator (mulberry32): a number in [0, 1) and the state that follows. Pure, so a
 * detector or a simulation that draws can be stopped, stored and resumed. Not for secrets.
 */
export function nextRandom(state: number): { value: number; state: number } {
  const next = (state + 0x6d2b79f5) >>> 0;
  let z = Math.imul(next ^ (next >>> 15), next | 1);
  z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
  return { value: ((z ^ (z >>> 14)) >>> 0) / 4294967296, state: next };
}
