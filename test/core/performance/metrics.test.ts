import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accuracy } from '../../../src/core/performance/accuracy.ts';
import { brier } from '../../../src/core/performance/brier.ts';
import { calibrationError } from '../../../src/core/performance/calibration-error.ts';
import { confusion, falsePositiveRate, precision, recall } from '../../../src/core/performance/confusion.ts';
import { logLoss } from '../../../src/core/performance/log-loss.ts';
import { rocAuc } from '../../../src/core/performance/roc-auc.ts';
import { FIXTURES } from '../../fixtures/models/fixtures.ts';

const { probability: predictions, label: labels, ...expected } = FIXTURES.metrics;
const scored = { predictions, labels };

function close(actual: { status: string; value?: number }, value: number): void {
  assert.equal(actual.status, 'ok');
  assert.ok(Math.abs((actual.value ?? Number.NaN) - value) < 1e-9, `${actual.value} is not ${value}`);
}

test('every metric agrees with scikit-learn on 300 rows with tied probabilities', () => {
  close(logLoss(scored), expected.logLoss);
  close(brier(scored), expected.brier);
  close(rocAuc(scored), expected.auc);
  close(accuracy(scored), expected.accuracy);
  const counts = confusion(scored);
  close(precision(counts), expected.precision);
  close(recall(counts), expected.recall);
});

test('the calibration error is the row-weighted distance in ten bins', () => {
  const answer = calibrationError(scored);
  close(answer, expected.calibrationError);
  assert.ok(answer.status === 'ok' && answer.bins.length === 10);
  assert.equal(
    answer.bins.reduce((sum, bin) => sum + bin.n, 0),
    300,
  );
});

test('log-loss and Brier score by hand: 0.8 for a one and 0.4 for a zero', () => {
  const two = { predictions: [0.8, 0.4], labels: [1, 0] };
  close(logLoss(two), (-Math.log(0.8) - Math.log(0.6)) / 2);
  close(brier(two), (0.04 + 0.16) / 2);
  assert.deepEqual(confusion(two), {
    n: 2,
    truePositive: 1,
    falsePositive: 0,
    trueNegative: 1,
    falseNegative: 0,
  });
});

test('a certain mistake costs a finite amount', () => {
  const answer = logLoss({ predictions: [0, 1], labels: [1, 1] });
  close(answer, -Math.log(1e-7) / 2 - Math.log(1 - 1e-7) / 2);
});

test('rows without a probability or label do not count, and none at all is insufficient', () => {
  const some = { predictions: [Number.NaN, 0.5, 0.5, 2], labels: [1, Number.NaN, 1, 0] };
  const answer = logLoss(some);
  assert.ok(answer.status === 'ok' && answer.n === 1);
  const nothing = { predictions: [], labels: [] };
  for (const metric of [logLoss, brier, accuracy]) {
    assert.deepEqual(metric(nothing), { status: 'insufficient', need: 1, have: 0 });
  }
  assert.deepEqual(calibrationError(some), { status: 'insufficient', need: 100, have: 1 });
  assert.deepEqual(precision(confusion(nothing)), { status: 'insufficient', need: 1, have: 0 });
  assert.deepEqual(falsePositiveRate(confusion(nothing)), { status: 'insufficient', need: 1, have: 0 });
});

test('the true probability beats any other under log-loss and Brier score', () => {
  // One one in four: the constant answer 0.25 is best.
  const of = (p: number) => ({ predictions: [p, p, p, p], labels: [1, 0, 0, 0] });
  const value = (answer: ReturnType<typeof logLoss>) => (answer.status === 'ok' ? answer.value : Number.NaN);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (p) => {
      assert.ok(value(logLoss(of(p))) >= value(logLoss(of(0.25))) - 1e-12);
      assert.ok(value(brier(of(p))) >= value(brier(of(0.25))) - 1e-12);
    }),
  );
});
