import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trainGradientBoosting } from '../../../src/core/models/gradient-boosting.ts';
import type { Model } from '../../../src/core/models/model.ts';
import { checkOnnx } from '../../../src/core/onnx/check-onnx.ts';
import { exportOnnx } from '../../../src/core/onnx/export-model.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import { FIXTURES, numericDataset } from '../../fixtures/models/fixtures.ts';

const { x, y } = FIXTURES.logistic;

function constant(names: readonly string[], task: Model['task'] = 'classification'): Model {
  return {
    format: 1,
    task,
    numeric: names.map((name) => ({ treatment: 'as-is', name })),
    categorical: [],
    estimator: { kind: 'trees', base: 0.5, trees: [] },
    calibration: { method: 'none' },
  };
}

test('training twice with one seed gives the same file byte for byte', () => {
  const train = () => {
    const trained = trainGradientBoosting({
      train: numericDataset(x, y),
      options: { rounds: 20, rowShare: 0.8, columnShare: 0.6 },
      random: seededRandom(42),
    });
    assert.ok(trained.status === 'trained');
    return exportOnnx(trained.model);
  };
  assert.deepEqual(train(), train());
});

test('a regression model answers prediction, a classification model probability and label', () => {
  const outputs = (model: Model) => {
    const checked = checkOnnx(exportOnnx(model));
    return checked.status === 'ok' ? checked.outputs.map(({ name }) => name) : checked.reasons;
  };
  assert.deepEqual(outputs(constant(['a'], 'regression')), ['prediction']);
  assert.deepEqual(outputs(constant(['a'])), ['probability', 'label']);
});

test('names that would collide in the graph are a bug of the caller', () => {
  for (const names of [['label'], ['probability'], ['a', 'a'], ['_1_code'], ['']]) {
    assert.throws(
      () => exportOnnx(constant(names)),
      (error) => error instanceof DriftwatchError && error.code === 'INVARIANT_BROKEN',
    );
  }
});
