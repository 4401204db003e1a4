import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trainGradientBoosting } from '../../../src/core/models/gradient-boosting.ts';
import { trainLogisticRegression } from '../../../src/core/models/logistic-regression.ts';
import type { Trained } from '../../../src/core/models/model.ts';
import { predict } from '../../../src/core/models/predict.ts';
import { logLoss } from '../../../src/core/performance/log-loss.ts';
import { rocAuc } from '../../../src/core/performance/roc-auc.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { COMPARABLE } from '../../fixtures/models/comparable.ts';
import { FIXTURES } from '../../fixtures/models/fixtures.ts';
import { loadFlights } from '../../fixtures/models/flights.ts';

const { train, test: later } = await loadFlights();

function measure(trained: Trained): { auc: number; logLoss: number } {
  assert.ok(trained.status === 'trained');
  const scored = { predictions: predict(trained.model, later), labels: later.label };
  const auc = rocAuc(scored);
  const loss = logLoss(scored);
  assert.ok(auc.status === 'ok' && loss.status === 'ok');
  return { auc: auc.value, logLoss: loss.value };
}

test('the split has the rows that the outside values were made on', () => {
  assert.deepEqual([train.rows, later.rows], FIXTURES.flights.rows);
});

for (const name of ['leafWise', 'depth6'] as const) {
  test(`boosting is no more than 0.01 worse than LightGBM on later flights (${name})`, () => {
    const own = measure(trainGradientBoosting({ train, options: COMPARABLE[name], random: seededRandom(1) }));
    const theirs = FIXTURES.flights[name];
    assert.ok(own.auc > theirs.auc - 0.01, `AUC ${own.auc}, LightGBM ${theirs.auc}`);
    assert.ok(own.logLoss < theirs.logLoss + 0.01, `log-loss ${own.logLoss}, LightGBM ${theirs.logLoss}`);
  });
}

test('logistic regression is that of scikit-learn on the same columns', () => {
  const own = measure(trainLogisticRegression({ train }));
  assert.ok(Math.abs(own.auc - FIXTURES.flights.logistic.auc) < 0.001);
  assert.ok(Math.abs(own.logLoss - FIXTURES.flights.logistic.logLoss) < 0.001);
});

test('squared-error boosting of the delay is no more than 1% worse than LightGBM', async () => {
  const delays = await loadFlights('arrival_delay_min');
  const trained = trainGradientBoosting({
    train: delays.train,
    options: { ...COMPARABLE.leafWise, task: 'regression' },
    random: seededRandom(1),
  });
  assert.ok(trained.status === 'trained');
  const answers = predict(trained.model, delays.test);
  const squares = answers.reduce(
    (sum, answer, row) => sum + (answer - (delays.test.label[row] ?? 0)) ** 2,
    0,
  );
  const rmse = Math.sqrt(squares / delays.test.rows);
  assert.ok(rmse < FIXTURES.flights.delay.rmse * 1.01, `${rmse}, LightGBM ${FIXTURES.flights.delay.rmse}`);
});
