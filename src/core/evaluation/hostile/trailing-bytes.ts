import { randomBelow } from '../../random.ts';
import { joined, randomBytes } from './avro-writer.ts';
import { exampleOf, exampleParts } from './example.ts';
import type { Family } from './hostile.ts';

/** A correct value with something behind it, now and then a whole second one. */
export const trailingBytes: Family = {
  name: 'trailing-bytes',
  make(random) {
    const whole = exampleOf(exampleParts(random));
    const behind =
      random() < 0.2
        ? exampleOf(exampleParts(random)).slice(5)
        : randomBytes(random, 1 + randomBelow(random, 40));
    return { value: joined([whole, behind]), truth: 'dead-letter' };
  },
};
