import { randomBelow } from '../../random.ts';
import { joined, textBytes } from './avro-writer.ts';
import { blockOf, exampleOf, exampleParts, SECOND } from './example.ts';
import type { Family } from './hostile.ts';

/** Correct Avro with keys and values that JavaScript gives a meaning to: rows, and nothing else may happen. */
export const protoKeys: Family = {
  name: 'proto-keys',
  make(random) {
    const name = () => textBytes(NAMES[randomBelow(random, NAMES.length)] ?? '');
    const tags = blockOf(Array.from({ length: 1 + randomBelow(random, 4) }, () => joined([name(), name()])));
    const value = exampleOf({
      ...exampleParts(random),
      id: name(),
      place: joined([SECOND, name()]),
      tags,
    });
    return { value, truth: 'row' };
  },
};

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  '__defineGetter__',
  '',
];
