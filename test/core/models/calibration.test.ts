import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { calibrate } from '../../../src/core/models/calibrate.ts';
import { trainGradientBoosting } from '../../../src/core/models/gradient-boosting.ts';
import { fitIsotonic, interpolate } from '../../../src/core/models/isotonic.ts';
import { fitPlatt } from '../../../src/core/models/platt.ts';
import { predict } from '../../../src/core/models/predict.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { FIXTURES, numericDataset } from '../../fixtures/models/fixtures.ts';

const { scores, labels, slope, intercept, isotonic } = FIXTURES.calibration;

test('Platt scaling finds the line of scikit-learn', () => {
  const fitted = fitPlatt(scores, labels);
  assert.ok(Math.abs(fitted.slope - slope) < 1e-4, `${fitted.slope} is not ${slope}`);
  assert.ok(Math.abs(fitted.intercept - intercept) < 1e-4, `${fitted.intercept} is not ${intercept}`);
});

test('the pools are those of scikit-learn: at the mean score of a pool the line has its value', () => {
  const fitted = fitIsotonic(scores, labels);
  const pools = new Map<number, number[]>();
  isotonic.forEach((value, row) => {
    pools.set(value, [...(pools.get(value) ?? []), scores[row] ?? 0]);
  });
  assert.ok(pools.size > 4);
  const margin = 0.5 / scores.length;
  for (const [value, members] of pools) {
    const mean = members.reduce((sum, score) => sum + score, 0) / members.length;
    const expected = Math.min(1 - margin, Math.max(margin, value));
    assert.ok(Math.abs(interpolate(fitted, mean) - expected) < 1e-5);
  }
});

test('pooling by hand: 1 before 0 becomes a half', () => {
  const fitted = fitIsotonic([-2, -1, 0, 1, 2], [0, 1, 0, 1, 1]);
  assert.deepEqual(fitted.scores, [-2, -0.5, 1.5]);
  assert.deepEqual(fitted.probabilities, [Math.fround(0.1), 0.5, Math.fround(0.9)]);
  assert.ok(Math.abs(interpolate(fitted, 0.5) - 0.7) < 1e-7);
  assert.equal(interpolate(fitted, -9), Math.fround(0.1));
  assert.equal(interpolate(fitted, 9), Math.fround(0.9));
});

test('pools closer than float32 noise could tell apart become one', () => {
  const fitted = fitIsotonic([1, 1.001, 3, 3.001], [0, 1, 0, 1]);
  assert.deepEqual(fitted.scores, [1, 2.0005, 3.001].map(Math.fround));
  const near = fitIsotonic([1, 1.001, 1.002], [0, 0, 1]);
  assert.deepEqual(near.scores, [Math.fround(1.001)]);
  assert.deepEqual(near.probabilities, [Math.fround(1 / 3)]);
});

test('an isotonic line never falls, stays inside 0 and 1, and keeps the mean of the labels', () => {
  const row = fc.tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: 0, max: 1 }));
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 200 }), (rows) => {
      const at = rows.map(([score]) => score / 50);
      const fitted = fitIsotonic(
        at,
        rows.map(([, label]) => label),
      );
      const values = Array.from({ length: 200 }, (_, step) => interpolate(fitted, (step - 100) / 8));
      values.forEach((value, step) => {
        assert.ok(value > 0 && value < 1);
        if (step > 0) assert.ok(value >= (values[step - 1] ?? 0) - 1e-12);
      });
      fitted.scores.forEach((score, knot) => {
        if (knot > 0) assert.ok(score > (fitted.scores[knot - 1] ?? 0));
      });
    }),
  );
});

test('calibration on rows apart mends an overconfident model and leaves the order', () => {
  const make = (seed: number) => {
    const random = seededRandom(seed);
    const x = Array.from({ length: 2000 }, () => random() * 4 - 2);
    return numericDataset(
      [x, x.map(() => random())],
      x.map((v) => (random() < 1 / (1 + Math.exp(-v)) ? 1 : 0)),
    );
  };
  const trained = trainGradientBoosting({
    train: make(1),
    options: { rounds: 200, learningRate: 0.3, minRowsPerLeaf: 5 },
    random: seededRandom(1),
  });
  assert.ok(trained.status === 'trained');
  const test = make(3);
  const loss = (answers: Float32Array) =>
    answers.reduce((sum, p, row) => sum - Math.log(test.label[row] === 1 ? p : 1 - p), 0) / test.rows;
  const before = loss(predict(trained.model, test));
  for (const method of ['platt', 'isotonic'] as const) {
    const answer = calibrate({ model: trained.model, dataset: make(2), method });
    assert.ok(answer.status === 'calibrated' && answer.rows === 2000);
    const after = loss(predict(answer.model, test));
    assert.ok(after < before - 0.2, `${method}: ${before} -> ${after}`);
  }
});

test('calibration without both classes is an answer', () => {
  const trained = trainGradientBoosting({
    train: numericDataset(FIXTURES.logistic.x, FIXTURES.logistic.y),
    options: { rounds: 2 },
    random: seededRandom(1),
  });
  assert.ok(trained.status === 'trained');
  const dataset = numericDataset(
    FIXTURES.logistic.x,
    FIXTURES.logistic.y.map(() => 1),
  );
  assert.deepEqual(calibrate({ model: trained.model, dataset, method: 'platt' }), {
    status: 'insufficient',
    reason: 'classes',
    need: 2,
    have: 1,
  });
});
