import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answersOf } from '../../../src/core/performance/answers.ts';
import { classLosses, meanSquaredError, squaredLosses } from '../../../src/core/performance/row-loss.ts';

test('the loss of a class is minus the logarithm of its probability, and of an unknown class a certain mistake', () => {
  const scores = [0.5, 0.25, 0.25, 0.1, 0.2, 0.7];
  const losses = classLosses({ scores, width: 3 }, [1, 2]);
  assert.deepEqual(
    [...losses].map((loss) => loss.toFixed(6)),
    ['1.386294', '0.356675'],
  );
  const [known, unknown] = classLosses({ scores, width: 3 }, [0, 1], (label) =>
    label === 0 ? 2 : undefined,
  );
  assert.equal(known?.toFixed(6), '1.386294');
  assert.ok((unknown ?? 0) > 16 && (unknown ?? 0) < 17, `${unknown}`);
  assert.ok(Number.isNaN(classLosses({ scores, width: 3 }, [Number.NaN])[0]));
});

test('the loss of a number is that of a normal distribution with the squared error as variance', () => {
  // Density of N(3, 4) at 5, by hand: exp(-1/2) / (2 sqrt(2 pi)) = 0.12098536.
  const [loss] = squaredLosses([3], [5], 4);
  assert.ok(Math.abs((loss ?? 0) + Math.log(0.12098536225957168)) < 1e-12);
  const mean = meanSquaredError([1, 2], [2, 4]);
  assert.equal(mean, 2.5);
  // On the very rows the variance comes from, the mean is that of the distribution itself.
  const [a = 0, b = 0] = squaredLosses([1, 2], [2, 4], 2.5);
  assert.ok(Math.abs((a + b) / 2 - (Math.log(2 * Math.PI * 2.5) + 1) / 2) < 1e-12);
  const [broken = 0] = squaredLosses([1e12], [0], 1);
  assert.ok(Math.abs(broken - 2048 - Math.log(2 * Math.PI) / 2) < 1e-9);
  assert.equal(meanSquaredError([], []), undefined);
  assert.ok((meanSquaredError([1], [1]) ?? 0) > 0, 'no error at all still is a variance');
});

test('scores of classes become the likeliest class and the probability of each', () => {
  assert.deepEqual(answersOf([0.25, 0.75, 0.5, 0.5], ['a', 'b']), [
    { label: 'b', probabilities: { a: 0.25, b: 0.75 } },
    { label: 'a', probabilities: { a: 0.5, b: 0.5 } },
  ]);
  assert.deepEqual(answersOf(Float32Array.of(0.5, 3)), [0.5, 3]);
});
