import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accuracy } from '../../../src/core/performance/accuracy.ts';
import { brier } from '../../../src/core/performance/brier.ts';
import { type Estimate, estimatedPerformance } from '../../../src/core/performance/estimated-performance.ts';
import { logLoss } from '../../../src/core/performance/log-loss.ts';
import type { Measured } from '../../../src/core/performance/measured.ts';
import { rocAuc } from '../../../src/core/performance/roc-auc.ts';
import { seededRandom } from '../../../src/core/random.ts';

test('by hand: two rows of .8 and .3 are right .75 of the time, and in order .56/.62 of it', () => {
  const estimate = estimatedPerformance({ predictions: [0.8, 0.3], probabilities: [0.8, 0.3] });
  assert.ok(estimate.status === 'ok' && estimate.auc !== undefined);
  near(estimate.accuracy.value, 0.75);
  near(estimate.brier.value, (0.8 * 0.2 + 0.3 * 0.7) / 2);
  near(estimate.auc.value, 0.56 / 0.62);
  // 3 sqrt((.16 + .21) / 4) = .91 either way, cut at 0 and 1.
  near(estimate.accuracy.low, 0);
  near(estimate.accuracy.high, 1);
});

test('probabilities of 0 and 1 are labels: the estimates are the realised figures', () => {
  const row = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 1 }));
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
      const predictions = rows.map(([p]) => p / 20);
      const labels = rows.map(([, label]) => label);
      const estimate = estimatedPerformance({ predictions, probabilities: labels });
      assert.ok(estimate.status === 'ok');
      const scored = { predictions, labels };
      near(estimate.accuracy.value, figureOf(accuracy(scored)));
      near(estimate.brier.value, figureOf(brier(scored)));
      near(estimate.logLoss.value, figureOf(logLoss(scored)));
      assert.equal(estimate.accuracy.low, estimate.accuracy.high);
      const auc = rocAuc(scored);
      if (estimate.auc === undefined || auc.status !== 'ok') return;
      near(estimate.auc.value, auc.value);
    }),
  );
});

test('estimates do not depend on the order of rows and never leave their range', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(share, share), { minLength: 1, maxLength: 40 }), (rows) => {
      const of = (list: readonly (readonly [number, number])[]) =>
        estimatedPerformance({ predictions: list.map(([p]) => p), probabilities: list.map(([, q]) => q) });
      const [a, b] = [of(rows), of([...rows].reverse())];
      assert.ok(a.status === 'ok' && b.status === 'ok');
      for (const name of ['accuracy', 'logLoss', 'brier', 'auc'] as const) {
        const x: Estimate | undefined = a[name];
        const y: Estimate | undefined = b[name];
        if (x === undefined || y === undefined) {
          assert.equal(x, y);
          continue;
        }
        near(x.value, y.value);
        assert.ok(x.low <= x.value + 1e-12 && x.value <= x.high + 1e-12, name);
        assert.ok(x.low >= 0 && (name === 'logLoss' || x.high <= 1), name);
      }
    }),
  );
});

test('the band covers what labels drawn from the probabilities give, for every metric', () => {
  assert.ok(coverage((q) => q) >= 0.98);
});

test('the coverage check fails where the labels follow other probabilities', () => {
  assert.ok(coverage((q) => (q + 0.5) / 2) < 0.5);
});

test('rows without a probability are left out, and no rows are insufficient', () => {
  const estimate = estimatedPerformance({
    predictions: [0.9, Number.NaN, 0.5, 2],
    probabilities: [0.9, 0.5, Number.NaN, 0.5],
  });
  assert.ok(estimate.status === 'ok');
  assert.equal(estimate.n, 1);
  assert.equal(estimate.auc, undefined);
  assert.deepEqual(estimatedPerformance({ predictions: [], probabilities: [] }), {
    status: 'insufficient',
    need: 1,
    have: 0,
  });
});

/** Share of 200 windows of 500 rows in which all four bands hold the realised figure. */
function coverage(truth: (q: number) => number): number {
  const random = seededRandom(8);
  let covered = 0;
  for (let run = 0; run < 200; run += 1) {
    const probabilities = Array.from({ length: 500 }, () => random());
    const labels = probabilities.map((q) => Number(random() < truth(q)));
    const estimate = estimatedPerformance({ predictions: probabilities, probabilities });
    const scored = { predictions: probabilities, labels };
    const auc = rocAuc(scored);
    assert.ok(estimate.status === 'ok' && estimate.auc !== undefined && auc.status === 'ok');
    const pairs = [
      [estimate.accuracy, figureOf(accuracy(scored))],
      [estimate.brier, figureOf(brier(scored))],
      [estimate.logLoss, figureOf(logLoss(scored))],
      [estimate.auc, auc.value],
    ] as const;
    if (pairs.every(([{ low, high }, value]) => low <= value && value <= high)) covered += 1;
  }
  return covered / 200;
}

function figureOf(measured: Measured): number {
  assert.ok(measured.status === 'ok');
  return measured.value;
}

function near(a: number, b: number): void {
  assert.ok(Math.abs(a - b) < 1e-9, `${a} ${b}`);
}
