import { mix32 } from '../random.ts';

/**
 * How often a row or a cluster takes part in one draw of the Poisson bootstrap: Poisson with mean 1, a pure function of
 * its hash and the number of the draw. So rows can come in any order, one after the other and only once, and every row
 * of a cluster has the weight of its cluster. At most 8 (a larger one has a chance of one in a million).
 * Source: N. Chamandy and others, Estimating Uncertainty for Massive Data Streams (Google, 2012).
 */
export function poissonWeight(hash: number, draw: number): number {
  const uniform = mix32((hash + Math.imul(draw + 1, 0x9e3779b9)) | 0) / 4_294_967_296;
  let weight = 0;
  while (weight < LARGEST && uniform >= (UP_TO[weight] ?? 1)) weight += 1;
  return weight;
}

const LARGEST = 8;
/** Chance of at most 0, 1, 2, ... of a Poisson variable with mean 1. */
const UP_TO: readonly number[] = cumulative();

function cumulative(): number[] {
  const chances: number[] = [];
  for (let k = 0, chance = Math.exp(-1), sum = 0; k < LARGEST; k += 1, chance /= k) {
    sum += chance;
    chances.push(sum);
  }
  return chances;
}
