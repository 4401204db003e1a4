import { randomBelow } from '../../random.ts';
import { doubleBytes, joined, randomBytes } from './avro-writer.ts';
import { blockOf, exampleOf, exampleParts, SECOND } from './example.ts';
import type { Family } from './hostile.ts';

/** NaN with any payload, both infinities, zeros of both signs, the smallest and the largest: all are rows. */
export const notNumbers: Family = {
  name: 'nan-and-inf',
  make(random) {
    const some = () => {
      const double = doubleBytes(ODD[randomBelow(random, ODD.length)] ?? 0);
      if (random() < 0.2) double.set([...randomBytes(random, 6), 0xf8, 0x7f]);
      return double;
    };
    const parts = exampleParts(random);
    const weights = blockOf(Array.from({ length: randomBelow(random, 5) }, some));
    return { value: exampleOf({ ...parts, amount: joined([SECOND, some()]), weights }), truth: 'row' };
  },
};

const ODD = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  Number.MIN_VALUE,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
];
