import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gridStep } from '../../../src/core/fingerprints/grid-step.ts';
import { halfMode } from '../../../src/core/fingerprints/half-mode.ts';
import { nameFingerprint } from '../../../src/core/fingerprints/name-fingerprint.ts';
import type { Pair } from '../../../src/core/fingerprints/pair.ts';

test('bits of a text that is missing on 16 of 20 ids are as worked by hand', () => {
  const pairs = Array.from(
    { length: 20 },
    (_, at): Pair => ({
      id: `${at}`,
      training: `text ${at}`,
      serving: at < 16 ? null : `other ${at * at}`,
    }),
  );
  const answer = nameFingerprint({ pairs, kind: 'text' });
  assert.ok(answer.status === 'named' && answer.name === 'missing', JSON.stringify(answer));
  // 20 known texts once each, half a count for each and for all unknown ones: 30.5. Null has 0.5, its own text 1.5.
  const each = -Math.log2(0.5 / 30.5 / (1 - 1.5 / 30.5)) - 0.15;
  const which = 20 * (-0.8 * Math.log2(0.8) - 0.2 * Math.log2(0.2));
  assert.ok(Math.abs(answer.bits - (16 * each - which - 3)) < 1e-9, `${answer.bits}`);
  assert.equal(answer.coverage, 0.8);
});

test('bits of a named transform do not depend on the order of pairs, to the last one', () => {
  const order = fc.shuffledSubarray(
    Array.from({ length: 40 }, (_, at) => at),
    { minLength: 40 },
  );
  // Common and rare categories cost different bits: sums of them show in which order they were added.
  const pairs = Array.from(
    { length: 40 },
    (_, at): Pair => ({
      id: `id-${at}`,
      training: ['red', 'green', 'red', 'blue', 'red', 'green', `rare ${at}`][at % 7] ?? '',
      serving: at % 9 === 0 ? 'green' : null,
    }),
  ).filter(({ training, serving }) => training !== serving);
  const expected = nameFingerprint({ pairs, kind: 'categorical' });
  assert.equal(expected.status, 'named');
  fc.assert(
    fc.property(order, (places) => {
      const shuffled = places.flatMap((at) => pairs[at] ?? []);
      assert.deepEqual(nameFingerprint({ pairs: shuffled, kind: 'categorical' }), expected);
    }),
    { numRuns: 30 },
  );
});

test('the grid of values is the largest power of ten that most are multiples of', () => {
  assert.equal(gridStep([20.5, 18.3, 7.1, 0, 0, 0]), 0.1);
  assert.equal(gridStep([3, 1, 4, 15, 9]), 1);
  assert.equal(gridStep([3_000, 1_000, 45_000]), 1_000);
  assert.equal(gridStep([Math.PI, Math.E, Math.SQRT2]), 0);
  assert.equal(gridStep([]), 0);
  assert.equal(gridStep([0, 0]), 0);
});

test('values crowd where the shortest interval with two fifths of them is', () => {
  assert.equal(halfMode([1, 9, 5, 5, 5, 100, -40]), 5);
  assert.equal(halfMode([0.1, 0.1, 0.1]), 0.1);
  assert.equal(halfMode([]), undefined);
  assert.equal(halfMode([Number.NaN, Number.POSITIVE_INFINITY]), undefined);
});
