import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dataset } from '../../../src/core/models/dataset.ts';
import { trainLogisticRegression } from '../../../src/core/models/logistic-regression.ts';
import { predict } from '../../../src/core/models/predict.ts';
import { solvePositiveDefinite } from '../../../src/core/models/solve-positive-definite.ts';
import { FIXTURES, numericDataset } from '../../fixtures/models/fixtures.ts';

test('weights are those of scikit-learn with the same penalty', () => {
  const { x, y, l2, weights, intercept } = FIXTURES.logistic;
  const trained = trainLogisticRegression({ train: numericDataset(x, y), options: { l2 } });
  assert.ok(trained.status === 'trained' && trained.model.estimator.kind === 'linear');
  const own = trained.model.estimator;
  assert.equal(own.weights.length, weights.length);
  own.weights.forEach((weight, at) => {
    assert.ok(Math.abs(weight - (weights[at] ?? Number.NaN)) < 1e-5, `${weight} is not ${weights[at]}`);
  });
  assert.ok(Math.abs(own.intercept - intercept) < 1e-5);
});

test('two groups with rates 1/4 and 3/4 get these rates when the penalty is next to nothing', () => {
  const train: Dataset = {
    rows: 80,
    numeric: [],
    categorical: [{ name: 'group', values: Array.from({ length: 80 }, (_, at) => (at < 40 ? 'a' : 'b')) }],
    label: Float64Array.from({ length: 80 }, (_, at) => (at < 40 ? (at < 10 ? 1 : 0) : at < 70 ? 1 : 0)),
  };
  const trained = trainLogisticRegression({ train, options: { l2: 1e-6 } });
  assert.ok(trained.status === 'trained');
  const answers = predict(trained.model, train);
  assert.ok(Math.abs((answers[0] ?? 0) - 0.25) < 1e-4);
  assert.ok(Math.abs((answers[79] ?? 0) - 0.75) < 1e-4);
});

test('the loss falls every round and progress is told', () => {
  const { x, y } = FIXTURES.logistic;
  const seen: number[] = [];
  trainLogisticRegression({ train: numericDataset(x, y), onProgress: ({ loss }) => seen.push(loss) });
  assert.ok(seen.length > 2);
  seen.forEach((loss, at) => {
    if (at > 0) assert.ok(loss <= (seen[at - 1] ?? 0));
  });
});

test('separable rows end with finite weights', () => {
  const x = Array.from({ length: 100 }, (_, at) => at);
  const trained = trainLogisticRegression({
    train: numericDataset(
      [x],
      x.map((v) => (v < 50 ? 0 : 1)),
    ),
  });
  assert.ok(trained.status === 'trained' && trained.model.estimator.kind === 'linear');
  assert.ok(trained.model.estimator.weights.every(Number.isFinite));
});

test('too few rows, one class, no feature and no usable label are answers, not errors', () => {
  const x = Array.from({ length: 60 }, (_, at) => at);
  const of = (y: readonly number[], columns: readonly (readonly number[])[] = [x.slice(0, y.length)]) =>
    trainLogisticRegression({ train: numericDataset(columns, y) });
  const insufficient = (reason: string, need: number, have: number) => ({
    status: 'insufficient',
    reason,
    need,
    have,
  });
  assert.deepEqual(of([0, 1, 0]), insufficient('rows', 50, 3));
  assert.deepEqual(of(x.map(() => 1)), insufficient('classes', 2, 1));
  assert.deepEqual(
    of(
      x.map((v) => v % 2),
      [],
    ),
    insufficient('features', 1, 0),
  );
  assert.deepEqual(of(x.map(() => Number.NaN)), insufficient('labels', 50, 0));
});

test('a column of missing values only does not spoil the rest', () => {
  const { x, y } = FIXTURES.logistic;
  const train = numericDataset([...x, y.map(() => Number.NaN)], y);
  const trained = trainLogisticRegression({ train });
  assert.ok(trained.status === 'trained');
  assert.ok(predict(trained.model, train).every((p) => p > 0 && p < 1));
});

test('a positive definite system by hand, and one that is not', () => {
  const solved = solvePositiveDefinite(Float64Array.from([4, 2, 2, 3]), Float64Array.from([10, 8]));
  assert.ok(solved !== undefined);
  assert.ok(Math.abs((solved[0] ?? 0) - 1.75) < 1e-12 && Math.abs((solved[1] ?? 0) - 1.5) < 1e-12);
  assert.equal(solvePositiveDefinite(Float64Array.from([1, 2, 2, 1]), Float64Array.from([1, 1])), undefined);
});
