import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hotelling, quadraticForm } from '../../../src/core/joint/hotelling.ts';
import { fSf } from '../../../src/core/special/f-tail.ts';

test('in one dimension it is the squared t test with the variance of the reference', () => {
  const test = hotelling({ difference: [0.5], covariance: [4], n: 50, m: 25 });
  assert.ok(test !== undefined);
  const squared = 0.25 / (4 * (1 / 50 + 1 / 25));
  assert.ok(Math.abs(test.value - squared) < 1e-12);
  assert.ok(Math.abs(test.pValue - fSf(squared, 1, 49)) < 1e-12);
});

test('the form by hand: [[2, 1], [1, 2]] and (1, 0) give 2/3', () => {
  const { value, rank } = quadraticForm([2, 1, 1, 2], [1, 0]);
  assert.ok(Math.abs(value - 2 / 3) < 1e-12);
  assert.equal(rank, 2);
});

test('a coordinate that copies another counts once', () => {
  assert.deepEqual(quadraticForm([1, 1, 1, 1], [3, 3]), { value: 9, rank: 1 });
  assert.deepEqual(quadraticForm([0, 0, 0, 4], [7, 2]), { value: 1, rank: 1 });
  assert.equal(hotelling({ difference: [1], covariance: [0], n: 10, m: 10 }), undefined);
});

test('the form does not change when coordinates are rescaled or swapped', () => {
  const entry = fc.double({ min: -3, max: 3, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(entry, entry, entry, entry), fc.tuple(entry, entry), (factor, x) => {
      const [a, b, c, d] = factor;
      // A matrix times its transpose, kept away from singular.
      const matrix = [a * a + b * b + 1, a * c + b * d, a * c + b * d, c * c + d * d + 1] as const;
      const { value } = quadraticForm(matrix, x);
      const swapped = quadraticForm([matrix[3], matrix[1], matrix[2], matrix[0]], [x[1], x[0]]).value;
      const scaled = quadraticForm(
        [matrix[0] * 4, matrix[1] * 2, matrix[2] * 2, matrix[3]],
        [x[0] * 2, x[1]],
      ).value;
      assert.ok(Math.abs(swapped - value) <= 1e-9 * (1 + value));
      assert.ok(Math.abs(scaled - value) <= 1e-9 * (1 + value));
    }),
  );
});
