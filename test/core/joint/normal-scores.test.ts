import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { indicatorAxes, numericAxis, scorer } from '../../../src/core/joint/normal-scores.ts';
import { coder, fitCategoricalBins, fitNumericBins } from '../../../src/core/summaries/bins.ts';
import { countCodes } from '../../../src/core/summaries/counts.ts';

test('a value at or above the only edge of two equal bins scores 1, one below -1', () => {
  const axis = numericAxis({
    feature: 'x',
    bins: { kind: 'numeric', edges: [10] },
    reference: { codes: [0, 1], counts: [50, 50] },
  });
  assert.ok(axis !== undefined);
  const score = scorer(axis);
  assert.deepEqual(
    [9, 10, 11].map(score).map((x) => Number(x.toFixed(12))),
    [-1, 1, 1],
  );
});

test('a missing value scores the mean, an infinity as the outermost bin', () => {
  const axis = numericAxis({
    feature: 'x',
    bins: { kind: 'numeric', edges: [0, 1] },
    reference: { codes: [0, 1, 2], counts: [10, 20, 30] },
  });
  assert.ok(axis !== undefined);
  const score = scorer(axis);
  assert.equal(score(null), 0);
  assert.equal(score(Number.NaN), 0);
  assert.equal(score(Number.NEGATIVE_INFINITY), score(-5));
  assert.equal(score(Number.POSITIVE_INFINITY), score(5));
});

test('scores have mean 0 and variance 1 over the reference and rise with the value', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 80 }), (values) => {
      const bins = fitNumericBins(values, { bins: 7 });
      if (bins === undefined) return;
      const axis = numericAxis({ feature: 'x', bins, reference: countCodes(values.map(coder(bins))) });
      if (axis === undefined) return assert.equal(new Set(values.map(coder(bins))).size, 1);
      const score = scorer(axis);
      const scores = values.map(score);
      const mean = scores.reduce((sum, x) => sum + x, 0) / scores.length;
      const variance = scores.reduce((sum, x) => sum + (x - mean) ** 2, 0) / scores.length;
      assert.ok(Math.abs(mean) < 1e-9 && Math.abs(variance - 1) < 1e-9);
      const sorted = values.toSorted((a, b) => a - b).map(score);
      assert.ok(sorted.every((x, k) => k === 0 || x >= (sorted[k - 1] ?? 0)));
    }),
  );
});

test('scores do not change when the feature is put through a growing function', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 5, maxLength: 60 }), (values) => {
      const scoresOf = (list: readonly number[]): number[] => {
        // Edges at values, so that the function maps them with the values.
        const edges = [10, 20, 30].map((edge) => (list === values ? edge : edge ** 3));
        const bins = { kind: 'numeric', edges } as const;
        const axis = numericAxis({ feature: 'x', bins, reference: countCodes(list.map(coder(bins))) });
        return axis === undefined ? [] : list.map(scorer(axis));
      };
      assert.deepEqual(scoresOf(values.map((x) => x ** 3)), scoresOf(values));
    }),
  );
});

test('a category held by a fifth of the reference scores 2, any other value -0.5', () => {
  const bins = fitCategoricalBins(new Map(Object.entries({ a: 60, b: 20, c: 20 })));
  const reference = { codes: [0, 1, 2], counts: [60, 20, 20] };
  const axes = indicatorAxes({ feature: 'c', bins, reference });
  assert.deepEqual(
    axes.map((axis) => (axis.kind === 'indicator' ? axis.category : '')),
    ['a', 'b'],
  );
  const [, second] = axes;
  assert.ok(second !== undefined);
  const score = scorer(second);
  assert.deepEqual(
    ['b', 'a', 'never seen', null].map((x) => Number(score(x).toFixed(12))),
    [2, -0.5, -0.5, -0.5],
  );
});

test('features that do not vary, and categories that hardly occur, have no axis', () => {
  const constant = { codes: [0], counts: [100] };
  assert.equal(
    numericAxis({ feature: 'x', bins: { kind: 'numeric', edges: [1] }, reference: constant }),
    undefined,
  );
  const bins = fitCategoricalBins(new Map(Object.entries({ a: 98, b: 2 })));
  const reference = { codes: [0, 1], counts: [98, 2] };
  assert.deepEqual(indicatorAxes({ feature: 'c', bins, reference }), []);
});
