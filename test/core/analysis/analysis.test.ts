import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bootstrapInterval } from '../../../src/core/analysis/bootstrap-interval.ts';
import { calibrationCurve } from '../../../src/core/analysis/calibration-curve.ts';
import { fairness } from '../../../src/core/analysis/fairness.ts';
import { permutationImportance } from '../../../src/core/analysis/permutation-importance.ts';
import { weakestSlices } from '../../../src/core/analysis/weakest-slices.ts';
import { shareDifference, wilsonShare } from '../../../src/core/analysis/wilson.ts';
import type { Dataset } from '../../../src/core/models/dataset.ts';
import { accuracy } from '../../../src/core/performance/accuracy.ts';
import { seededRandom } from '../../../src/core/random.ts';

/** Rows with a number, two categories, a probability and labels drawn from it. */
function rows(seed: number, n: number) {
  const random = seededRandom(seed);
  const heat = Float64Array.from({ length: n }, () => random());
  const color = Array.from({ length: n }, () => (random() < 0.3 ? 'red' : random() < 0.5 ? 'blue' : 'green'));
  const size = Array.from({ length: n }, () => (random() < 0.5 ? 'small' : 'large'));
  const predictions = heat.map((value) => 0.1 + 0.8 * value);
  const label = predictions.map((p) => (random() < p ? 1 : 0));
  const dataset: Dataset = {
    rows: n,
    numeric: [{ name: 'heat', values: heat }],
    categorical: [
      { name: 'color', values: color },
      { name: 'size', values: size },
    ],
    label,
  };
  return { random, dataset, predictions, color, size, label };
}

test('the bootstrap interval of accuracy holds the truth about as often as it says', () => {
  // The mean accuracy of these rows: E max(p, 1 - p) for p uniform on [.1, .9] is .7.
  let held = 0;
  for (let seed = 0; seed < 200; seed += 1) {
    const { random, predictions, label } = rows(seed, 200);
    const scored = { predictions, labels: label };
    const interval = bootstrapInterval({ scored, metric: (some) => accuracy(some), random, draws: 200 });
    assert.ok(interval.status === 'ok' && interval.low <= interval.value && interval.value <= interval.high);
    if (interval.low <= 0.7 && interval.high >= 0.7) held += 1;
  }
  // Binomial(200, .95) is below 178 with probability below .001; percentiles are a little narrow.
  assert.ok(held >= 174, String(held));
});

test('clusters widen the interval when rows of a cluster are copies', () => {
  const { random, predictions, label } = rows(1, 60);
  const copies = Array.from({ length: 600 }, (_, row) => row % 60);
  const scored = {
    predictions: copies.map((row) => predictions[row] ?? 0),
    labels: copies.map((row) => label[row] ?? 0),
  };
  const metric = (some: typeof scored | Parameters<typeof accuracy>[0]) => accuracy(some);
  const wide = bootstrapInterval({ scored, metric, random, clusters: copies });
  const narrow = bootstrapInterval({ scored, metric, random });
  assert.ok(wide.status === 'ok' && narrow.status === 'ok');
  assert.ok(wide.high - wide.low > 2 * (narrow.high - narrow.low));
  assert.equal(
    bootstrapInterval({ scored, metric, random, clusters: copies.map(() => 1) }).status,
    'insufficient',
  );
});

test('a planted weak cross is found first, and no slice when there is none', () => {
  const { dataset, color, size, random } = rows(2, 4_000);
  const losses = color.map((value, row) => {
    const weak = value === 'red' && size[row] === 'small';
    return 0.5 + 0.3 * random() + (weak ? 0.4 : 0);
  });
  const { slices, tested } = weakestSlices({ rows: dataset, losses, minimum: 50 });
  assert.deepEqual(slices[0]?.conditions, ['color = red', 'size = small']);
  assert.ok(slices[0].atLeast > 0.35 && slices[0].excess < 0.42 && slices[0].pValue < 1e-9);
  assert.ok(tested > 20);
  let false_ = 0;
  for (let seed = 10; seed < 50; seed += 1) {
    const quiet = rows(seed, 1_000);
    const none = quiet.color.map(() => quiet.random());
    if (weakestSlices({ rows: quiet.dataset, losses: none, minimum: 50 }).slices.length > 0) false_ += 1;
  }
  // Family-wise 5 %: Binomial(40, .05) exceeds 7 with probability below .001.
  assert.ok(false_ <= 7, String(false_));
});

test('a slice has as many rows as asked for, on both sides', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 20 }), (minimum, seed) => {
      const { dataset, random } = rows(seed, 300);
      const losses = Array.from({ length: 300 }, (_, row) => (row % 7 === 0 ? 5 : random()));
      const { slices } = weakestSlices({ rows: dataset, losses, minimum });
      assert.ok(slices.every(({ n }) => n >= minimum && 300 - n >= minimum));
    }),
    { numRuns: 40 },
  );
});

test('importance is that of the feature the model uses, and none of the others', async () => {
  const { dataset, random } = rows(3, 2_000);
  let scored = 0;
  const score = async (some: Dataset) => {
    scored += 1;
    return (some.numeric[0]?.values ?? []).map((value) => 0.1 + 0.8 * value);
  };
  const predictions = await score(dataset);
  const found = await permutationImportance({ rows: dataset, predictions, score, random });
  assert.equal(scored, 1 + dataset.numeric.length + dataset.categorical.length);
  assert.equal(found[0]?.feature, 'heat');
  assert.ok(found[0].increase > 5 * found[0].standardError);
  for (const { increase } of found.slice(1)) assert.equal(increase, 0);
});

test('the calibration curve of calibrated answers goes through its intervals, that of boasting ones does not', () => {
  const { predictions, label } = rows(4, 5_000);
  const outside = (some: Float64Array): number =>
    calibrationCurve({ predictions: some, labels: label }).filter(
      ({ predicted, observed }) =>
        observed.status === 'ok' && (predicted < observed.low || predicted > observed.high),
    ).length;
  assert.ok(outside(predictions) <= 2);
  assert.ok(outside(predictions.map((p) => (p > 0.5 ? 0.95 : 0.05))) >= 6);
  assert.deepEqual(calibrationCurve({ predictions: [], labels: [] }), []);
});

test('groups that are treated alike show no gap, and a planted one shows in the right criterion', () => {
  const { predictions, label, color } = rows(5, 6_000);
  const scored = { predictions, labels: label };
  const leaves0 = (gap: { status: string; low?: number; high?: number }): boolean =>
    gap.status === 'ok' && ((gap.low ?? 0) > 0 || (gap.high ?? 0) < 0);
  for (const group of fairness({ scored, groups: color })) {
    for (const gap of [group.selectedGap, group.foundGap, group.falseAlarmsGap, group.calibrationGap]) {
      assert.equal(leaves0(gap), false, group.group);
    }
  }
  const harsh = predictions.map((p, row) => (color[row] === 'red' ? Math.max(0.01, p - 0.3) : p));
  const red = fairness({ scored: { predictions: harsh, labels: label }, groups: color }).find(
    ({ group }) => group === 'red',
  );
  assert.ok(red?.selectedGap.status === 'ok' && red.selectedGap.high < 0);
  assert.ok(red.foundGap.status === 'ok' && red.foundGap.high < 0);
  assert.ok(red.calibrationGap.status === 'ok' && red.calibrationGap.high < 0);
  assert.ok((red.oddsGap ?? 0) > 0.2);
});

test('intervals of shares are those of the published examples', () => {
  // Newcombe 1998, table II, example (a): 56 of 70 against 48 of 80, method 10 without correction.
  const difference = shareDifference(wilsonShare(56, 70), wilsonShare(48, 80));
  assert.ok(difference.status === 'ok');
  assert.ok(Math.abs(difference.value - 0.2) < 1e-12);
  assert.ok(Math.abs(difference.low - 0.0524) < 5e-5 && Math.abs(difference.high - 0.3339) < 5e-5);
  assert.equal(wilsonShare(0, 0).status, 'insufficient');
});
