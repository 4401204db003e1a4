import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { EMPLOYMENT, readYears } from '../../../src/cli/bench-cbpe.ts';
import { fitIsotonic, interpolate } from '../../../src/core/models/isotonic.ts';
import { accuracy } from '../../../src/core/performance/accuracy.ts';
import { estimatedPerformance } from '../../../src/core/performance/estimated-performance.ts';
import { rocAuc } from '../../../src/core/performance/roc-auc.ts';

type Years = Awaited<ReturnType<typeof readYears>>;
let years: Years;

before(async () => {
  years = await readYears(EMPLOYMENT);
});

test('on the employment data estimated accuracy is within .003 and AUC within .0021 of the realised, every year', () => {
  assert.deepEqual(
    years.map(({ year }) => year),
    [2015, 2016, 2017, 2018],
  );
  const gaps = gapsOf(years, (p, calibrated) => calibrated(p));
  for (const { accuracyGap, aucGap } of gaps) {
    assert.ok(Math.abs(accuracyGap) <= 0.003, String(accuracyGap));
    assert.ok(Math.abs(aucGap) <= 0.0021, String(aucGap));
  }
});

test('the same check fails for the probabilities as the model gives them, without calibration', () => {
  const gaps = gapsOf(years, (p) => p);
  assert.ok(gaps.some(({ accuracyGap }) => Math.abs(accuracyGap) > 0.003));
});

function gapsOf(
  some: Years,
  probability: (p: number, calibrated: (p: number) => number) => number,
): { accuracyGap: number; aucGap: number }[] {
  const [first] = some;
  assert.ok(first !== undefined);
  const line = fitIsotonic(first.predictions, first.labels);
  return some.map((year) => {
    const estimate = estimatedPerformance({
      predictions: year.predictions,
      probabilities: year.predictions.map((p) => probability(p, (score) => interpolate(line, score))),
    });
    const realised = { accuracy: accuracy(year), auc: rocAuc(year) };
    assert.ok(estimate.status === 'ok' && estimate.auc !== undefined);
    assert.ok(realised.accuracy.status === 'ok' && realised.auc.status === 'ok');
    return {
      accuracyGap: estimate.accuracy.value - realised.accuracy.value,
      aucGap: estimate.auc.value - realised.auc.value,
    };
  });
}
