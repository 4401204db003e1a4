import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rocAuc } from '../../../src/core/performance/roc-auc.ts';
import { rowLogLoss } from '../../../src/core/performance/row-log-loss.ts';

test('the area of the worked example of scikit-learn is 0.75', () => {
  const answer = rocAuc({ predictions: [0.1, 0.4, 0.35, 0.8], labels: [0, 0, 1, 1] });
  assert.deepEqual(answer, { status: 'ok', value: 0.75, positives: 2, negatives: 2 });
});

test('equal predictions count half', () => {
  assert.equal(okValue(rocAuc({ predictions: [0.5, 0.5, 0.5], labels: [0, 1, 0] })), 0.5);
  assert.equal(okValue(rocAuc({ predictions: [0.2, 0.7, 0.7], labels: [0, 1, 0] })), 0.75);
});

test('without both classes there is no area', () => {
  assert.deepEqual(rocAuc({ predictions: [0.1, 0.2], labels: [1, 1] }), {
    status: 'insufficient',
    need: 1,
    have: 0,
  });
  assert.equal(rocAuc({ predictions: [], labels: [] }).status, 'insufficient');
});

test('the area is the share of pairs in the right order', () => {
  const row = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 1 }));
  fc.assert(
    fc.property(fc.array(row, { minLength: 2, maxLength: 40 }), (rows) => {
      const answer = rocAuc({ predictions: rows.map(([p]) => p), labels: rows.map(([, y]) => y) });
      let right = 0;
      let pairs = 0;
      for (const [p, y] of rows) {
        for (const [q, z] of rows) {
          if (y !== 1 || z !== 0) continue;
          pairs += 1;
          right += p > q ? 1 : p === q ? 0.5 : 0;
        }
      }
      if (pairs === 0) assert.equal(answer.status, 'insufficient');
      else assert.ok(Math.abs(okValue(answer) - right / pairs) < 1e-12);
    }),
  );
});

test('log-loss is the surprise in nats, bounded at certainty', () => {
  assert.equal(rowLogLoss(0.5, 1), Math.LN2);
  assert.ok(Math.abs(rowLogLoss(0.9, 0) - Math.LN10) < 1e-12);
  assert.ok(Math.abs(rowLogLoss(0, 1) - 16.11809565095832) < 1e-9);
  assert.ok(rowLogLoss(1, 1) > 0 && rowLogLoss(1, 1) < 1e-6);
});

function okValue(answer: ReturnType<typeof rocAuc>): number {
  assert.equal(answer.status, 'ok');
  return answer.status === 'ok' ? answer.value : Number.NaN;
}
