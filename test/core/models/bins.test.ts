import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assignBins, fitBins, MAX_FLOAT32 } from '../../../src/core/models/bins.ts';

test('few distinct values get a bin each, cut half way, and missing values the last one', () => {
  const column = Float32Array.from([1, 3, 3, Number.NaN, 8]);
  const bins = fitBins(column, 255);
  assert.deepEqual(Array.from(bins.thresholds), [2, 5.5]);
  assert.deepEqual(Array.from(assignBins(column, bins)), [0, 1, 1, 3, 2]);
});

test('many distinct values are shared out evenly', () => {
  const column = Float32Array.from({ length: 10_000 }, (_, at) => at);
  const bins = fitBins(column, 10);
  assert.equal(bins.thresholds.length, 9);
  const counts = new Array<number>(11).fill(0);
  for (const bin of assignBins(column, bins)) counts[bin] = (counts[bin] ?? 0) + 1;
  assert.deepEqual(counts, [...new Array<number>(10).fill(1000), 0]);
});

test('a frequent value has a bin of its own', () => {
  const column = Float32Array.from({ length: 2000 }, (_, at) => (at < 1000 ? 500.5 : at - 1000));
  const bins = fitBins(column, 8);
  const own = assignBins(Float32Array.from([500.5]), bins)[0];
  const neighbours = assignBins(Float32Array.from([490, 510]), bins);
  assert.ok(own !== undefined && neighbours[0] !== own && neighbours[1] !== own);
});

test('a column of nothing or of one value cannot be cut', () => {
  for (const values of [[], [Number.NaN, Number.NaN], [4, 4, 4]]) {
    assert.equal(fitBins(Float32Array.from(values), 255).thresholds.length, 0);
  }
});

test('infinite values are kept apart by finite thresholds', () => {
  const column = Float32Array.from([Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY]);
  const bins = fitBins(column, 255);
  assert.deepEqual(Array.from(bins.thresholds), [-MAX_FLOAT32, 0]);
  assert.equal(bins.infinite, true);
});

test('thresholds are ascending float32 values, and bin numbers follow the order of values', () => {
  const value = fc.oneof(
    fc.float(),
    fc.float({ min: 0, max: 1, noNaN: true }),
    fc.constantFrom(0, -0, 1e-45),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 300 }), fc.integer({ min: 2, max: 255 }), (values, maxBins) => {
      const column = Float32Array.from(values);
      const bins = fitBins(column, maxBins);
      assert.ok(bins.thresholds.length < maxBins);
      bins.thresholds.forEach((threshold, at) => {
        assert.ok(Number.isFinite(threshold));
        if (at > 0) assert.ok(threshold > (bins.thresholds[at - 1] ?? 0));
      });
      const assigned = assignBins(column, bins);
      column.forEach((a, i) => {
        const cut = bins.thresholds[assigned[i] ?? 0];
        if (Number.isNaN(a)) assert.equal(assigned[i], bins.thresholds.length + 1);
        else if (cut !== undefined) assert.ok(a <= cut);
      });
    }),
  );
});
