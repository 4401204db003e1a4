import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holds, type Island, islandsFrom } from '../../../processors/ingest/islands.ts';

const offsets = fc.uniqueArray(fc.nat(60)).map((list) => list.sort((a, b) => a - b));

test('an offset is held exactly when it is in the set that the islands were made of', () => {
  fc.assert(
    fc.property(offsets, fc.nat(70), (list, offset) => {
      assert.equal(holds(islandsOf(list), offset), list.includes(offset));
    }),
  );
});

test('cutting islands off at the floor changes nothing at or above it', () => {
  fc.assert(
    fc.property(offsets, fc.nat(70), fc.nat(70), (list, floor, more) => {
      const islands = islandsOf(list);
      assert.equal(holds(islandsFrom(islands, floor), floor + more), holds(islands, floor + more));
    }),
  );
});

function islandsOf(list: readonly number[]): Island[] {
  const result: Island[] = [];
  for (const offset of list) {
    const last = result.at(-1);
    if (last !== undefined && last.last + 1 === offset) result[result.length - 1] = { ...last, last: offset };
    else result.push({ first: offset, last: offset });
  }
  return result;
}
