import { randomBelow } from '../../random.ts';
import { longBytes } from './avro-writer.ts';
import { exampleOf, exampleParts, FIRST_MS, YEAR_MS } from './example.ts';
import type { Family } from './hostile.ts';

/** Clocks ten years off, seconds or microseconds taken for milliseconds, and times that are no date. */
export const wrongClocks: Family = {
  name: 'wrong-clocks',
  make(random) {
    const parts = exampleParts(random);
    const at = (ms: bigint | number, truth: 'row' | 'dead-letter') =>
      ({ value: exampleOf({ ...parts, eventTime: longBytes(ms) }), truth }) as const;
    switch (randomBelow(random, 5)) {
      case 0:
        return at(FIRST_MS + 10 * YEAR_MS * (random() < 0.5 ? -1 : 1), 'row');
      case 1:
        return at(Math.floor(FIRST_MS / 1000), 'row');
      case 2:
        return at(FIRST_MS * 1000, 'row');
      case 3:
        return at(random() < 0.5 ? LAST_DATE_MS : -LAST_DATE_MS, 'row');
      default: {
        const beyond = BigInt(LAST_DATE_MS) + 1n + BigInt(randomBelow(random, 2 ** 32)) ** 2n / 4n;
        return at(random() < 0.5 ? beyond : -beyond, 'dead-letter');
      }
    }
  },
};

const LAST_DATE_MS = 8_640_000_000_000_000;
