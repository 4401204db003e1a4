import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AvroDefinition, decodeDefinition } from '../../../src/core/avro/definition.ts';
import { varintLength, writeVarint } from '../../../src/core/avro/varint.ts';
import {
  compileWalker,
  MAX_DEPTH,
  MAX_EMPTY_ITEMS,
  measureExactly,
  walkExactly,
} from '../../../src/core/avro/walker.ts';

const TIME = { name: 'event_time', type: { type: 'long', logicalType: 'timestamp-millis' } };

/** Long enough for a sane walker on a busy machine, far too short for two billion steps. */
const BOMB = { timeout: 20_000 };

const BOMBS: readonly (readonly [string, unknown, readonly number[], string])[] = [
  ['doubles', { type: 'array', items: 'double' }, bytes(2 ** 31 - 1), 'truncated'],
  ['2^40 doubles', { type: 'array', items: 'double' }, bytes(2 ** 40), 'truncated'],
  ['strings', { type: 'array', items: 'string' }, bytes(2 ** 31 - 1), 'truncated'],
  ['map entries', { type: 'map', values: 'double' }, bytes(2 ** 31 - 1), 'truncated'],
  ['nulls', { type: 'array', items: 'null' }, bytes(20_000_000), 'too-many-items'],
  [
    'empty records',
    { type: 'array', items: { type: 'record', name: 'E', fields: [{ name: 'n', type: 'null' }] } },
    bytes(2 ** 40),
    'too-many-items',
  ],
];

for (const [what, type, payload, reason] of BOMBS) {
  test(`a count of ${what} that a few bytes state is refused at once`, BOMB, () => {
    const result = measureExactly(walker([{ name: 'a', type }]), Uint8Array.from(payload), 0);
    assert.equal(result.status === 'bad' ? result.reason : 'ok', reason);
  });
}

test('nulls of all arrays of a record count together', () => {
  const inner = { type: 'array', items: 'null' };
  const nested = walker([{ name: 'a', type: { type: 'array', items: inner } }]);
  const one = [...bytes(MAX_EMPTY_ITEMS), 0];
  assert.equal(measureExactly(nested, Uint8Array.from([...bytes(1), ...one, 0]), 0).status, 'ok');
  const two = measureExactly(nested, Uint8Array.from([...bytes(2), ...one, ...one, 0]), 0);
  assert.equal(two.status === 'bad' ? two.reason : 'ok', 'too-many-items');
});

test('a record that contains itself is walked to a depth and no further', () => {
  const list = {
    type: 'record',
    name: 'List',
    fields: [{ name: 'next', type: ['null', 'List'] }],
  };
  const nested = walker([{ name: 'l', type: list }]);
  const short = Uint8Array.from([...Array<number>(20).fill(2), 0]);
  assert.equal(measureExactly(nested, short, 0).status, 'ok');
  const long = measureExactly(nested, new Uint8Array(1_000_000).fill(2), 0);
  assert.equal(long.status === 'bad' ? long.reason : 'ok', 'too-deep');
  assert.match(long.status === 'bad' ? long.detail : '', new RegExp(`over ${MAX_DEPTH} levels`));
});

test('a record that contains itself without a way out is never accepted', () => {
  const endless = { type: 'record', name: 'Endless', fields: [{ name: 'self', type: 'Endless' }] };
  const items = walker([{ name: 'a', type: { type: 'array', items: endless } }]);
  assert.equal(measureExactly(items, Uint8Array.from([...bytes(5), 0]), 0).status, 'bad');
  const direct = walker([
    { name: 'e', type: { ...endless, name: 'Endless2', fields: [{ name: 'self', type: 'Endless2' }] } },
  ]);
  assert.equal(measureExactly(direct, new Uint8Array(9), 0).status, 'bad');
});

test('numbers longer than any writer makes them are malformed', () => {
  const reason = (type: string, payload: readonly number[]): string => {
    const result = measureExactly(walker([{ name: 'x', type }]), Uint8Array.from(payload), 0);
    return result.status === 'bad' ? result.reason : 'ok';
  };
  assert.equal(reason('long', [...Array<number>(19).fill(0x80), 0]), 'malformed');
  assert.equal(reason('long', [...Array<number>(9).fill(0xff), 1]), 'ok');
  assert.equal(reason('long', [...Array<number>(9).fill(0xff), 2]), 'malformed');
  assert.equal(reason('int', [0xff, 0xff, 0xff, 0xff, 0x0f]), 'ok');
  assert.equal(reason('int', [0xff, 0xff, 0xff, 0xff, 0x10]), 'malformed');
  assert.equal(reason('int', [0x80, 0x00]), 'ok');
  assert.equal(reason('boolean', [7]), 'malformed');
});

test('a block whose stated size is not that of its items is malformed', () => {
  const ints = walker([{ name: 'a', type: { type: 'array', items: 'int' } }]);
  const block = (size: number): number[] => [3, ...bytes(size), 2, 4, 0]; // count -2
  assert.equal(measureExactly(ints, Uint8Array.from(block(2)), 0).status, 'ok');
  assert.equal(measureExactly(ints, Uint8Array.from(block(1)), 0).status, 'bad');
  assert.equal(measureExactly(ints, Uint8Array.from(block(3)), 0).status, 'bad');
});

test('the reason names the field, its type and where it begins', () => {
  const result = walkExactly(walker([TIME, { name: 'x', type: 'double' }]), Uint8Array.from([2, 1, 2]), 0);
  assert.deepEqual(result, {
    status: 'bad',
    reason: 'truncated',
    detail: 'Field "x" (double), which begins at byte 1 of 3: its bytes go beyond the end.',
  });
});

test('bytes after the record are refused', () => {
  const result = walkExactly(walker([TIME]), Uint8Array.from([2, 0]), 0);
  assert.equal(result.status === 'bad' ? result.reason : 'ok', 'trailing-bytes');
});

test('event times are milliseconds whatever the writer counts in, and none is malformed', () => {
  const time = (type: unknown, value: number): unknown =>
    walkExactly(walker([{ name: 'event_time', type }]), Uint8Array.from(bytes(value)), 0);
  const at = 1_362_128_405_678;
  const ok = (eventTimeMs: number, end: number): unknown => ({ status: 'ok', end, eventTimeMs });
  assert.deepEqual(time(TIME.type, at), ok(at, 6));
  assert.deepEqual(time('long', at), ok(at, 6));
  assert.deepEqual(time({ type: 'long', logicalType: 'timestamp-micros' }, at * 1000 + 999), ok(at, 8));
  for (const unusable of [time(TIME.type, 8_640_000_000_000_001), time('string', 0)])
    assert.match(JSON.stringify(unusable), /"reason":"malformed"/);
});

function walker(fields: readonly { readonly name: string; readonly type: unknown }[]) {
  return compileWalker(definition({ type: 'record', name: 'R', fields }));
}

function definition(value: unknown): AvroDefinition {
  const decoded = decodeDefinition(value);
  assert.ok(decoded.status === 'ok', JSON.stringify(decoded));
  return decoded.definition;
}

function bytes(value: number): readonly number[] {
  const buffer = new Uint8Array(varintLength(value));
  writeVarint(buffer, 0, value);
  return [...buffer];
}
