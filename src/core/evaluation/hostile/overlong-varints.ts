import { randomBelow } from '../../random.ts';
import { joined, longBytes, paddedBytes } from './avro-writer.ts';
import { exampleOf, exampleParts, SECOND } from './example.ts';
import type { Family } from './hostile.ts';

/** Numbers in more bytes than they need: within the longest of their type they are read, beyond they are not. */
export const overlongVarints: Family = {
  name: 'overlong-varints',
  make(random) {
    const parts = exampleParts(random);
    const label = randomBelow(random, 2);
    switch (randomBelow(random, 6)) {
      case 0: {
        const padded = paddedBytes(label, 2 + randomBelow(random, 4));
        return { value: exampleOf({ ...parts, label: padded }), truth: 'row' };
      }
      case 1: {
        const padded = paddedBytes(label, 6 + randomBelow(random, 20));
        return { value: exampleOf({ ...parts, label: padded }), truth: 'dead-letter' };
      }
      case 2: {
        // 33 bits and more.
        const count = joined([SECOND, longBytes(2n ** BigInt(31 + randomBelow(random, 32)))]);
        return { value: exampleOf({ ...parts, count }), truth: 'dead-letter' };
      }
      case 3: {
        const eventTime = paddedBytes(randomBelow(random, 2 ** 31), 7 + randomBelow(random, 4));
        return { value: exampleOf({ ...parts, eventTime }), truth: 'row' };
      }
      case 4: {
        const eventTime = paddedBytes(1, 11 + randomBelow(random, 100));
        return { value: exampleOf({ ...parts, eventTime }), truth: 'dead-letter' };
      }
      default: {
        const id = new Uint8Array(10 + randomBelow(random, 100)).fill(0xff);
        return { value: exampleOf({ ...parts, id }), truth: 'dead-letter' };
      }
    }
  },
};
