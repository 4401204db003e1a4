import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sumParts } from '../../../src/core/windows/sum-parts.ts';

function sums(values: readonly number[]): { total: number; squares: number } {
  const parts = sumParts();
  for (const x of values) parts.add(x);
  return parts
    .parts()
    .reduce((all, part) => ({ total: all.total + part.total, squares: all.squares + part.squares }), {
      total: 0,
      squares: 0,
    });
}

test('the order of the numbers does not change a bit of the sums', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(
      fc.array(finite, { maxLength: 200 }),
      fc.array(fc.nat(), { maxLength: 200 }),
      (values, keys) => {
        const other = values
          .map((x, i) => ({ x, key: keys[i] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ x }) => x);
        assert.deepEqual(sums(other), sums(values));
        assert.deepEqual(sums(values.toReversed()), sums(values));
      },
    ),
  );
});

test('adding in order, in contrast, does change them', () => {
  const values = [0.1, 0.2, 0.3, 0.7, 1e-3, 3.3];
  const plain = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0);
  assert.notEqual(plain(values), plain(values.toReversed()));
  assert.deepEqual(sums(values), sums(values.toReversed()));
});

test('sums of many numbers are as near to the exact ones as doubles allow', () => {
  // 0.1 is 3602879701896397 / 2^55: a million of them is exactly that times a million.
  const exact = (3602879701896397 * 1_000_000) / 2 ** 55;
  assert.equal(sums(new Array(1_000_000).fill(0.1)).total, exact);
});

test('the largest and smallest doubles leave the sums finite', () => {
  const { total, squares } = sums([1.7e308, -1.7e308, 5e-324, 1e200]);
  assert.ok(Number.isFinite(total) && Number.isFinite(squares));
  assert.equal(sums([5e-324]).total, 0);
});
