import { randomBelow } from '../../random.ts';
import { exampleOf, exampleParts } from './example.ts';
import type { Family } from './hostile.ts';

/** The end is missing. No beginning of a value is a value, so none of them is a row. */
export const cutShort: Family = {
  name: 'truncated',
  make(random) {
    const whole = exampleOf(exampleParts(random));
    return { value: whole.slice(0, randomBelow(random, whole.length)), truth: 'dead-letter' };
  },
};
