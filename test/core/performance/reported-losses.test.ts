import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classAgreement } from '../../../src/core/performance/class-agreement.ts';
import { likeliestClasses, scoresByClass } from '../../../src/core/performance/class-scores.ts';
import { logLoss } from '../../../src/core/performance/log-loss.ts';
import { meanLossOf, reportedLosses } from '../../../src/core/performance/reported-losses.ts';
import { seededRandom } from '../../../src/core/random.ts';

test('the mean loss of a task is the log-loss, that of the classes, or the mean squared error', () => {
  const random = seededRandom(5);
  const scores = Float64Array.from({ length: 50 }, () => random());
  const labels = Float64Array.from({ length: 50 }, (_, row) => (row === 3 ? Number.NaN : row % 2));
  assert.deepEqual(
    meanLossOf(reportedLosses({ task: { kind: 'classification' }, answers: { scores, width: 1 }, labels })),
    logLoss({ predictions: scores, labels }),
  );
  const both = [...scores].flatMap((p) => [1 - p, p]);
  const asClasses = meanLossOf(
    reportedLosses({
      task: { kind: 'multiclass', classes: ['no', 'yes'] },
      answers: { scores: both, width: 2 },
      labels,
    }),
  );
  const asOne = logLoss({ predictions: scores, labels });
  assert.ok(asClasses.status === 'ok' && asOne.status === 'ok' && asClasses.n === 49);
  assert.ok(Math.abs(asClasses.value - asOne.value) < 1e-12, 'two classes are a yes and a no');
  const number = reportedLosses({
    task: { kind: 'regression' },
    answers: { scores: [1, 4], width: 1 },
    labels: [3, Number.NaN],
  });
  assert.deepEqual(meanLossOf(number), { status: 'ok', value: 4, n: 1 });
});

test('scores are put into the order of other classes, and unknown ones get nothing', () => {
  const classes = ['b', 'a', 'c'];
  assert.deepEqual([...scoresByClass([0.25, 0.75, 1, 0], ['a', 'b'], classes)], [0.75, 0.25, 0, 0, 1, 0]);
  assert.deepEqual([...likeliestClasses({ scores: [0.5, 0.5, Number.NaN, Number.NaN], width: 2 })], [0, -1]);
});

test('a row of classes is the same only when every probability is and the likeliest class was said', () => {
  const logged = [0.25, 0.75, 0.5, 0.5, 0.25, 0.75];
  const replayed = [0.25, 0.75, 0.5, 0.5, 0.375, 0.625];
  const of = { logged, replayed, width: 2, rows: [0, 1, 2] };
  assert.deepEqual(classAgreement({ ...of, said: [1, 0, 1] }), {
    n: 3,
    same: 2,
    largest: 0.125,
    mean: -0.125 / 3,
  });
  assert.equal(classAgreement({ ...of, said: [0, 0, 1] }).same, 1);
});
