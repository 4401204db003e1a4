import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AvroDefinition } from '../../../src/core/avro/definition.ts';
import { compileWalker } from '../../../src/core/avro/walker.ts';

test('a type that doubles at every level and never has a byte is walked at once', () => {
  let inner: AvroDefinition = { type: 'record', name: 'D0', fields: [{ name: 'n', type: 'null' }] };
  for (let level = 1; level <= 30; level += 1) {
    inner = {
      type: 'record',
      name: `D${level}`,
      fields: [
        { name: 'a', type: inner },
        { name: 'b', type: `D${level - 1}` },
      ],
    };
  }
  // Step by step these would be 2^30 nulls.
  const walker = compileWalker({
    type: 'record',
    name: 'Top',
    fields: [
      { name: 'd', type: inner },
      { name: 'event_time', type: 'long' },
    ],
  });
  assert.deepEqual(walker.walk(Uint8Array.of(8), 0), { status: 'ok', end: 1, eventTimeMs: 4 });
});
