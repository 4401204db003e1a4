import { frame } from '../../avro/frame.ts';
import { randomBelow } from '../../random.ts';
import { randomBytes } from './avro-writer.ts';
import { exampleOf, exampleParts } from './example.ts';
import { type Family, FOREIGN_ID, REFUSED_ID } from './hostile.ts';

/** Ids that the registry does not know or that do not belong here, other frames, no frame, no value. */
export const schemaIds: Family = {
  name: 'schema-ids',
  make(random) {
    const body = exampleOf(exampleParts(random)).slice(5);
    switch (randomBelow(random, 8)) {
      case 0:
        return { value: null, truth: 'tombstone' };
      case 1:
        return { value: randomBytes(random, 0), truth: 'dead-letter' };
      case 2:
        return {
          value: Uint8Array.of(0, ...randomBytes(random, randomBelow(random, 4))),
          truth: 'dead-letter',
        };
      case 3: {
        const value = frame(FOREIGN_ID, body);
        value[0] = 1 + randomBelow(random, 255);
        return { value, truth: 'dead-letter' };
      }
      case 4:
        return { value: frame(FOREIGN_ID, body), truth: 'dead-letter' };
      case 5:
        return { value: frame(REFUSED_ID, body), truth: 'dead-letter' };
      case 6:
        return {
          value: frame(EDGES[randomBelow(random, EDGES.length)] ?? 0, body),
          truth: 'dead-letter',
        };
      default:
        return { value: frame(100 + randomBelow(random, 2 ** 32 - 100), body), truth: 'dead-letter' };
    }
  },
};

const EDGES = [0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
