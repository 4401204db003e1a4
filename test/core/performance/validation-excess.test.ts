import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binCalibration } from '../../../src/core/performance/bin-calibration.ts';
import { rowLogLoss } from '../../../src/core/performance/row-log-loss.ts';
import { validationExcess } from '../../../src/core/performance/validation-excess.ts';
import { seededRandom } from '../../../src/core/random.ts';

/** Rows whose log-odds are said to be `sure` times what they are. */
function validation(rows: number, sure: number) {
  const random = seededRandom(3);
  const all = Array.from({ length: rows }, () => {
    const odds = 5 * random() - 2.5;
    return { p: 1 / (1 + Math.exp(-sure * odds)), y: random() < 1 / (1 + Math.exp(-odds)) ? 1 : 0 };
  });
  const predictions = Float64Array.from(all, ({ p }) => p);
  const labels = Float64Array.from(all, ({ y }) => y);
  const excess = all.map(({ p, y }) => rowLogLoss(p, y) + p * Math.log(p) + (1 - p) * Math.log(1 - p));
  const mean = excess.reduce((sum, one) => sum + one, 0) / rows;
  const squares = excess.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { calibration: binCalibration({ predictions, labels }), mean, error: Math.sqrt(squares) / rows };
}

test('a model that is too sure of itself was so on its validation rows, less two standard errors', () => {
  const { calibration, mean, error } = validation(6_000, 1.6);
  assert.ok(mean > 0.1);
  assert.ok(Math.abs(validationExcess(calibration) - (mean - 2 * error)) < 0.01);
});

test('a calibrated model, one that is not sure enough, and one without validation rows have none', () => {
  assert.equal(validationExcess(validation(6_000, 1).calibration), 0);
  assert.equal(validationExcess(validation(6_000, 0.7).calibration), 0);
  assert.equal(validationExcess({ counts: [], positives: [] }), 0);
});
