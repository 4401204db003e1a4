import type { AvroDefinition } from '../../avro/definition.ts';
import { frame } from '../../avro/frame.ts';
import { type Random, randomBelow } from '../../random.ts';
import { doubleBytes, joined, longBytes, randomBytes, textBytes } from './avro-writer.ts';
import { EXAMPLE_ID } from './hostile.ts';

/** One field of every type that a contract can store, so that what is hostile hits all of them. */
export const EXAMPLE_SCHEMA: AvroDefinition = {
  type: 'record',
  name: 'Example',
  namespace: 'hostile',
  fields: [
    { name: 'id', type: 'string', role: 'id' },
    { name: 'event_time', type: { type: 'long', logicalType: 'timestamp-millis' }, role: 'event-time' },
    { name: 'amount', type: ['null', 'double'], default: null, role: 'feature' },
    { name: 'count', type: ['null', 'int'], default: null, role: 'feature' },
    { name: 'place', type: ['null', 'string'], default: null, role: 'feature' },
    { name: 'open', type: 'boolean', role: 'ignore' },
    { name: 'weights', type: { type: 'array', items: 'double' }, role: 'ignore' },
    { name: 'tags', type: { type: 'map', values: 'string' }, role: 'ignore' },
    { name: 'colour', type: { type: 'enum', name: 'Colour', symbols: ['RED', 'GREEN'] }, role: 'ignore' },
    { name: 'code', type: { type: 'fixed', name: 'Code', size: 4 }, role: 'ignore' },
    { name: 'label', type: 'int', role: 'label' },
  ],
};

/** The bytes of each field of a correct example, in the order of the schema. */
export interface Parts {
  id: Uint8Array;
  eventTime: Uint8Array;
  amount: Uint8Array;
  count: Uint8Array;
  place: Uint8Array;
  open: Uint8Array;
  weights: Uint8Array;
  tags: Uint8Array;
  colour: Uint8Array;
  code: Uint8Array;
  label: Uint8Array;
}

export const YEAR_MS = 31_557_600_000;
/** Event times of correct examples lie within a day from here. */
export const FIRST_MS = Date.UTC(2013, 2, 1);

export function exampleParts(random: Random): Parts {
  const missing = random() < 0.2;
  const items = randomBelow(random, 4);
  return {
    id: textBytes(`e${randomBelow(random, 1_000_000)}`),
    eventTime: longBytes(FIRST_MS + randomBelow(random, 86_400_000)),
    amount: missing ? NULL : joined([SECOND, doubleBytes(random() * 100 - 50)]),
    count: missing ? NULL : joined([SECOND, longBytes(randomBelow(random, 2 ** 31) - 2 ** 30)]),
    place: missing ? NULL : joined([SECOND, textBytes(`place ${randomBelow(random, 11)}`)]),
    open: Uint8Array.of(randomBelow(random, 2)),
    weights: blockOf(Array.from({ length: items }, () => doubleBytes(random()))),
    tags: blockOf(Array.from({ length: items }, (_, i) => joined([textBytes(`k${i}`), textBytes('v')]))),
    colour: longBytes(randomBelow(random, 2)),
    code: randomBytes(random, 4),
    label: longBytes(randomBelow(random, 2)),
  };
}

/** Items of an array or a map as one block, and the end. */
export function blockOf(items: readonly Uint8Array[]): Uint8Array {
  return items.length === 0 ? END : joined([longBytes(items.length), ...items, END]);
}

/** The message value of an example. */
export function exampleOf(parts: Parts): Uint8Array {
  return frame(EXAMPLE_ID, joined(Object.values(parts)));
}

export const NULL: Uint8Array = longBytes(0);
export const SECOND: Uint8Array = longBytes(1);
export const END: Uint8Array = Uint8Array.of(0);
