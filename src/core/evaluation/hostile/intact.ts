import { exampleOf, exampleParts } from './example.ts';
import type { Family } from './hostile.ts';

/** Nothing is wrong with it: the counter-sample, without which refusing everything would pass. */
export const intact: Family = {
  name: 'intact',
  make: (random) => ({ value: exampleOf(exampleParts(random)), truth: 'row' }),
};
