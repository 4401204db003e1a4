import { type Random, randomBelow, seededRandom } from '../../../src/core/random.ts';

/**
 * Error bits whose rate jumps at random moments, the same on every machine. `peers.json` holds the alarms
 * of River and MOA on them; printed one a line they are the input of the programs in this directory.
 */
export function peerSequences(): number[][] {
  return Array.from({ length: 40 }, (_, index) => jumping(seededRandom(4_100 + index), LENGTHS[index % 4] ?? 0));
}

const LENGTHS = [1_000, 4_000, 9_000, 60_000];
const RATES = [0.004, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.6, 0.85];

function jumping(random: Random, length: number): number[] {
  const bits: number[] = [];
  while (bits.length < length) {
    const rate = RATES[randomBelow(random, RATES.length)] ?? 0;
    const end = Math.min(length, bits.length + 200 + randomBelow(random, length / 2));
    while (bits.length < end) bits.push(random() < rate ? 1 : 0);
  }
  return bits;
}

if (import.meta.main) {
  for (const bits of peerSequences()) process.stdout.write(`${bits.join('')}\n`);
}
