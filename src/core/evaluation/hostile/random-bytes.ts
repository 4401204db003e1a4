import { frame } from '../../avro/frame.ts';
import { randomBelow } from '../../random.ts';
import { randomBytes } from './avro-writer.ts';
import { EXAMPLE_ID, type Family } from './hostile.ts';

/** Bytes from nowhere, most of them behind a correct frame, half of them small numbers that look like Avro. */
export const noise: Family = {
  name: 'random-bytes',
  make(random) {
    const bytes = randomBytes(random, randomBelow(random, 200));
    if (random() < 0.1) return { value: bytes, truth: 'by-reading' };
    const small = random() < 0.5;
    return {
      value: frame(EXAMPLE_ID, small ? bytes.map((byte) => byte & 7) : bytes),
      truth: 'by-reading',
    };
  },
};
