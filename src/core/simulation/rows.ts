import type { Random } from '../random.ts';
import { normalQuantile } from '../special/normal.ts';

/**
 * Latent standard normal rows of one feature: the next row is `memory` times the last one plus noise (first-order
 * autoregression, always of variance 1). Normal numbers come from a table of 65,536 quantiles, two for every draw:
 * their variance is 1 to seven digits and their largest is 4.3.
 */
export function latentRows(args: { random: Random; memory: number }): (into: Float64Array) => void {
  const { random, memory } = args;
  const noise = Math.sqrt(1 - memory * memory);
  let last = NORMALS[Math.floor(random() * NORMALS.length)] ?? 0;
  return (into) => {
    for (let at = 0; at < into.length; at += 2) {
      const bits = random() * 4_294_967_296;
      last = memory * last + noise * (NORMALS[bits >>> 16] ?? 0);
      into[at] = last;
      last = memory * last + noise * (NORMALS[bits & 65_535] ?? 0);
      if (at + 1 < into.length) into[at + 1] = last;
    }
  };
}

/** Quantiles of the standard normal distribution at the middles of 65,536 equal shares, scaled to variance 1. */
export const NORMALS: Float64Array = normals();

function normals(): Float64Array {
  const values = new Float64Array(65_536);
  let squares = 0;
  for (let at = 0; at < 32_768; at += 1) {
    const z = normalQuantile((at + 0.5) / 65_536);
    values[at] = z;
    values[65_535 - at] = -z;
    squares += 2 * z * z;
  }
  const scale = Math.sqrt(values.length / squares);
  return values.map((z) => z * scale);
}
