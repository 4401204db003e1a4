import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byStatement, FEATURES_AT_ONCE } from '../../../processors/panes/compute-panes.ts';
import type { Field } from '../../../src/core/contract/contract.ts';

function feature(at: number, values: number) {
  const field: Field = {
    name: `f${at}`,
    role: 'feature',
    kind: 'categorical',
    avro: 'string',
    nullable: true,
    ...(values === 0 ? {} : { domain: Array.from({ length: values }, (_, value) => `value ${value}`) }),
  };
  return { field, kind: 'categorical' } as const;
}

test('features share a statement as long as their names and domains fit, in their order', () => {
  const plain = Array.from({ length: FEATURES_AT_ONCE + 1 }, (_, at) => feature(at, 3));
  assert.deepEqual(
    byStatement(plain).map(({ length }) => length),
    [FEATURES_AT_ONCE, 1],
  );
  const wide = Array.from({ length: 5 }, (_, at) => feature(at, 200));
  const lists = byStatement(wide);
  assert.deepEqual(lists.flat(), wide);
  assert.deepEqual(
    lists.map(({ length }) => length),
    [2, 2, 1],
  );
});

test('a long domain has a statement of its own', () => {
  const lists = byStatement([feature(0, 2), feature(1, 3_000), feature(2, 2)]);
  assert.deepEqual(
    lists.map(({ length }) => length),
    [1, 1, 1],
  );
});

test('a domain that no statement could carry is left out and keeps nobody waiting', () => {
  const lists = byStatement([feature(0, 2), feature(1, 9_000), feature(2, 2)]);
  assert.deepEqual(
    lists.map(({ length }) => length),
    [3],
  );
  assert.deepEqual(byStatement([]), []);
});
