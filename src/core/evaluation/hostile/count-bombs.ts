import { type Random, randomBelow } from '../../random.ts';
import { joined, longBytes, textBytes } from './avro-writer.ts';
import { END, exampleOf, exampleParts } from './example.ts';
import type { Family } from './hostile.ts';
import { treeOf } from './tree.ts';

/** A few bytes that claim billions of items, or a text of gigabytes. */
export const countBombs: Family = {
  name: 'count-bombs',
  make(random) {
    const parts = exampleParts(random);
    const count = bomb(random);
    switch (randomBelow(random, 6)) {
      case 0:
        return { value: exampleOf({ ...parts, weights: longBytes(count) }), truth: 'dead-letter' };
      case 1:
        return { value: exampleOf({ ...parts, tags: longBytes(count) }), truth: 'dead-letter' };
      case 2: {
        // A negative count states the bytes of its block as well: it lies about them too.
        const block = joined([longBytes(-count), longBytes(randomBelow(random, 16)), END]);
        return { value: exampleOf({ ...parts, weights: block }), truth: 'dead-letter' };
      }
      case 3: {
        const tags = joined([longBytes(1), textBytes('k'), longBytes(count)]);
        return { value: exampleOf({ ...parts, tags }), truth: 'dead-letter' };
      }
      case 4:
        return { value: exampleOf({ ...parts, id: longBytes(count) }), truth: 'dead-letter' };
      default: {
        // Items without bytes cost the sender nothing: only a cap helps.
        const node = joined([longBytes(count), END, longBytes(0), END, END]);
        return { value: treeOf(node), truth: 'dead-letter' };
      }
    }
  },
};

function bomb(random: Random): bigint {
  const bits = 27 + randomBelow(random, 36);
  return 2n ** BigInt(bits) - BigInt(randomBelow(random, 2));
}
