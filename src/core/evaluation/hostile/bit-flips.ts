import { randomBelow } from '../../random.ts';
import { exampleOf, exampleParts } from './example.ts';
import type { Family } from './hostile.ts';

/** One to four bits of a correct value turned over, the frame included. */
export const bitFlips: Family = {
  name: 'bit-flips',
  make(random) {
    const value = exampleOf(exampleParts(random));
    for (let flips = 1 + randomBelow(random, 4); flips > 0; flips -= 1) {
      const at = randomBelow(random, value.length);
      value[at] = (value[at] ?? 0) ^ (1 << randomBelow(random, 8));
    }
    return { value, truth: 'by-reading' };
  },
};
