import assert from 'node:assert/strict';
import { test } from 'node:test';
import { averagedIsotonic } from '../../../src/core/performance/averaged-isotonic.ts';
import { seededRandom } from '../../../src/core/random.ts';

test('the calibration rises with the prediction, stays within 0 and 1, and finds the true chances', () => {
  const random = seededRandom(2);
  const predictions = Float64Array.from({ length: 5_000 }, random);
  // The model says p where the truth is p squared.
  const labels = predictions.map((p) => (random() < p * p ? 1 : 0));
  const of = (seed: number) => averagedIsotonic({ predictions, labels, random: seededRandom(seed) });
  const calibrated = of(1);
  let before = 0;
  for (let p = 0; p <= 1; p += 0.01) {
    const q = calibrated(p);
    assert.ok(q >= before && q <= 1, `${p}: ${q} after ${before}`);
    if (p > 0.05 && p < 0.95) assert.ok(Math.abs(q - p * p) < 0.07, `${p}: ${q}`);
    before = q;
  }
  assert.equal(of(1)(0.4), calibrated(0.4));
});
