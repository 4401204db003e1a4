/** A source of numbers in [0, 1). Core never draws its own: a generator is made from a seed and passed in. */
export type Random = () => number;

/**
 * Seeded pseudo-random numbers by sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state, period
 * at least 2^32, filled from the seed by the splitmix32 mixing steps. Same seed, same numbers on any
 * machine. Seeds are taken modulo 2^32. Not for secrets. Each value has 32 random bits, so no value
 * lies between two multiples of 2^-32.
 */
export function seededRandom(seed: number): Random {
  let mixer = seed >>> 0;
  let a = mix();
  let b = mix();
  let c = mix();
  let counter = 1;

  function mix(): number {
    mixer = (mixer + 0x9e3779b9) | 0;
    return mix32(mixer);
  }
  function next(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4_294_967_296;
  }
  // The first outputs still show the seed; PractRand discards a dozen as well.
  for (let i = 0; i < 12; i += 1) next();
  return next;
}

/** Spreads a whole number over 32 bits, 0 to 2^32 - 1 (splitmix32). */
export function mix32(value: number): number {
  let z = value ^ (value >>> 16);
  z = Math.imul(z, 0x21f0aaad);
  z ^= z >>> 15;
  z = Math.imul(z, 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

/** Whole number in [0, below). The bias of the plain product is under below / 2^32. */
export function randomBelow(random: Random, below: number): number {
  return Math.floor(random() * below);
}

/** Positions 0..length-1 in random order (Fisher-Yates). */
export function shuffledPositions(random: Random, length: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, at) => at);
  for (let at = length - 1; at > 0; at -= 1) {
    const other = randomBelow(random, at + 1);
    const kept = order[at] ?? 0;
    order[at] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}
