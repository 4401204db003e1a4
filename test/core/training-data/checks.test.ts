import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Dataset } from '../../../src/core/models/dataset.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { cardinality } from '../../../src/core/training-data/cardinality.ts';
import { categoryRange } from '../../../src/core/training-data/category-range.ts';
import { type CheckResult, TRAINING_DATA_CHECKS } from '../../../src/core/training-data/check.ts';
import { checkTrainingData } from '../../../src/core/training-data/check-training-data.ts';
import { classBalance } from '../../../src/core/training-data/class-balance.ts';
import { distribution } from '../../../src/core/training-data/distribution.ts';
import { idLeakage } from '../../../src/core/training-data/id-leakage.ts';
import { labelParity } from '../../../src/core/training-data/label-parity.ts';

const feature = 'colour';
const many = <T>(value: T, rows: number): T[] => new Array<T>(rows).fill(value);
const labels = (ones: number, zeros: number): number[] => [...many(1, ones), ...many(0, zeros)];

test('categories never seen before are a finding from 1% of the rows, with the categories named', () => {
  const before = [...many('red', 90), ...many('blue', 10)];
  const result = categoryRange({ feature, before, now: [...many('red', 95), ...many('mauve', 5)] });
  assert.deepEqual(result, {
    check: 'category-range',
    feature,
    status: 'finding',
    detail: 'colour: 5.0% of 100 rows hold 1 categories never seen before (mauve)',
    numbers: { rows: 5, share: 0.05, categories: 1, known: 2 },
    n: 100,
  });
  const few = [...many('red', 996), ...many('mauve', 4)];
  assert.equal(categoryRange({ feature, before, now: few }).status, 'ok');
  assert.equal(categoryRange({ feature, before, now: [...before, null, ''] }).status, 'ok');
  assert.equal(categoryRange({ feature, before, now: many(null, 100) }).status, 'insufficient');
  assert.equal(categoryRange({ feature, before: many(null, 100), now: before }).status, 'insufficient');
});

test('a doubled number of values is a finding, more rows of the same values are not', () => {
  const values = (distinct: number, rows: number): string[] =>
    Array.from({ length: rows }, (_, at) => `v${at % distinct}`);
  const doubled = cardinality({ feature, before: values(10, 1_000), now: values(20, 1_000) });
  assert.ok(doubled.status === 'finding');
  assert.deepEqual(doubled.numbers, { distinct: 20, distinctBefore: 10, ratio: 2, rows: 1_000 });
  assert.equal(cardinality({ feature, before: values(10, 1_000), now: values(19, 1_000) }).status, 'ok');
  assert.equal(cardinality({ feature, before: values(20, 1_000), now: values(10, 1_000) }).status, 'finding');
  // 300 values, all met in 30,000 rows and about 290 of them in 1,000.
  assert.equal(cardinality({ feature, before: values(300, 1_000), now: values(300, 30_000) }).status, 'ok');
  assert.equal(cardinality({ feature, before: values(2, 99), now: values(2, 1_000) }).status, 'insufficient');
});

test('a value of its own for nearly every row is an id', () => {
  const before = Array.from({ length: 500 }, (_, at) => `v${at % 50}`);
  const now = Array.from({ length: 500 }, (_, at) => `id-${at}`);
  const result = cardinality({ feature, before, now });
  assert.ok(result.status === 'finding');
  assert.match(result.detail, /are an id, not a category/);
  assert.equal(cardinality({ feature, before: now, now }).status, 'ok');
});

test('a shifted number and a moved category are findings, the same distribution and a tiny shift are not', () => {
  const random = seededRandom(3);
  const draw = (shift: number, rows: number): number[] =>
    Array.from({ length: rows }, () => random() + random() + random() + shift);
  const base = draw(0, 4_000);
  const numeric = (now: number[]): CheckResult =>
    distribution({ feature: 'x', before: base, now, kind: 'numeric' });
  assert.equal(numeric(draw(0, 4_000)).status, 'ok');
  assert.equal(numeric(draw(0.05, 40_000)).status, 'ok');
  const found = numeric(draw(0.5, 4_000));
  assert.ok(found.status === 'finding');
  assert.ok((found.numbers['psi'] ?? 0) > 0.1 && (found.numbers['pValue'] ?? 1) < 1e-6);
  const before = [...many('a', 500), ...many('b', 500)];
  const now = [...many('a', 900), ...many('b', 100)];
  assert.equal(distribution({ feature, before, now, kind: 'categorical' }).status, 'finding');
  assert.equal(distribution({ feature, before, now: before, kind: 'categorical' }).status, 'ok');
  assert.equal(
    distribution({ feature: 'x', before: many(Number.NaN, 10), now: base, kind: 'numeric' }).status,
    'insufficient',
  );
  assert.equal(
    distribution({ feature: 'x', before: base, now: [1, 2], kind: 'numeric' }).status,
    'insufficient',
  );
});

test('one class that is nearly absent, and a share that moved by 5 points, are findings', () => {
  assert.equal(classBalance({ now: labels(500, 500) }).status, 'ok');
  const rare = classBalance({ now: labels(5, 995) });
  assert.ok(rare.status === 'finding');
  assert.deepEqual(rare.numbers, { share: 0.005, rarer: 1, rows: 1_000 });
  assert.equal(classBalance({ before: labels(300, 700), now: labels(400, 600) }).status, 'finding');
  assert.equal(classBalance({ before: labels(3_000, 7_000), now: labels(3_300, 6_700) }).status, 'ok');
  assert.equal(classBalance({ before: labels(6, 14), now: labels(400, 600) }).status, 'insufficient');
  assert.equal(classBalance({ now: [1, 0, Number.NaN] }).status, 'insufficient');
});

test('training and validation labels of different shares are a finding', () => {
  const result = labelParity({ training: labels(300, 700), validation: labels(90, 110) });
  assert.ok(result.status === 'finding');
  assert.equal(result.detail, '45% of 200 validation labels are 1, 30% of 1000 training labels');
  assert.equal(labelParity({ training: labels(300, 700), validation: labels(62, 138) }).status, 'ok');
  assert.equal(labelParity({ training: labels(300, 700), validation: labels(5, 10) }).status, 'insufficient');
});

test('one id on both sides is a finding that names it', () => {
  const result = idLeakage({ training: ['a', 'b', 'c'], validation: ['d', 'c', 'c', 'e'] });
  assert.deepEqual(result, {
    check: 'id-leakage',
    status: 'finding',
    detail: '2 of 4 validation rows (50%) have the id of a training row (c)',
    numbers: { rows: 2, share: 0.5, ids: 1 },
    n: 4,
  });
  assert.equal(idLeakage({ training: ['a'], validation: ['b'] }).status, 'ok');
  assert.equal(idLeakage({ training: [], validation: ['b'] }).status, 'insufficient');
});

test('clean data pass every check, and each planted fault is found by the checks that it concerns', () => {
  const clean = madeData(1, 2_000);
  const validation = madeData(2, 1_000);
  const before = madeData(3, 3_000);
  const ids = { training: idsOf('t', 2_000), validation: idsOf('v', 1_000) };
  const times = { trainingMs: many(1, 2_000), validationMs: many(2, 1_000) };
  const found = (training: Dataset, leaked = ids): string[] =>
    checkTrainingData({ before, training, validation, ids: leaked, times })
      .filter(({ status }) => status === 'finding')
      .map(({ check }) => check);
  const results = checkTrainingData({ before, training: clean, validation, ids, times });
  assert.deepEqual(new Set(results.map(({ check }) => check)), new Set(TRAINING_DATA_CHECKS));
  assert.ok(
    results.every(({ status }) => status === 'ok'),
    JSON.stringify(results),
  );

  const column = clean.categorical[0]?.values ?? [];
  const withColumn = (values: (string | null)[]): Dataset => ({
    ...clean,
    categorical: [{ name: 'colour', values }],
  });
  const unseen = column.map((value, at) => (at % 40 === 0 ? 'mauve' : value));
  // PSI weighs a bin that used to be empty by its logarithm, so the new category moves it as well.
  assert.deepEqual(found(withColumn(unseen)), ['category-range', 'distribution']);
  const exploded = column.map((value, at) => (at % 100 === 0 ? `new-${at}` : value));
  assert.deepEqual(found(withColumn(exploded)), ['category-range', 'cardinality']);
  const shifted = clean.numeric.map(({ name, values }) => ({ name, values: values.map((x) => x + 1) }));
  assert.deepEqual(found({ ...clean, numeric: shifted }), ['distribution']);
  const flipped = clean.label.map((label, at) => (at % 3 === 0 ? 1 : label));
  assert.deepEqual(found({ ...clean, label: flipped }), ['class-balance', 'label-parity']);
  const leaked = { ...ids, training: [...ids.training.slice(1), 'v0'] };
  assert.deepEqual(found(clean, leaked), ['id-leakage']);
});

test('no check throws, gives NaN, or depends on the order of rows', () => {
  const value = fc.constantFrom('a', 'b', 'c', '', null);
  const column = fc.array(value, { maxLength: 200 });
  fc.assert(
    fc.property(column, column, (before, now) => {
      const run = (x: (string | null)[], y: (string | null)[]): CheckResult[] => [
        categoryRange({ feature, before: x, now: y }),
        cardinality({ feature, before: x, now: y }),
        distribution({ feature, before: x, now: y, kind: 'categorical' }),
      ];
      const results = run(before, now);
      assert.deepEqual(run([...before].reverse(), [...now].reverse()), results);
      for (const result of results) {
        if (result.status !== 'finding') continue;
        assert.ok(Object.values(result.numbers).every(Number.isFinite));
      }
    }),
  );
});

function madeData(seed: number, rows: number): Dataset {
  const random = seededRandom(seed);
  const colours = ['red', 'red', 'green', 'blue'];
  return {
    rows,
    numeric: [{ name: 'x', values: Float64Array.from({ length: rows }, () => random() + random()) }],
    categorical: [
      {
        name: 'colour',
        values: Array.from({ length: rows }, () => colours[Math.floor(random() * 4)] ?? null),
      },
    ],
    label: Float64Array.from({ length: rows }, () => Number(random() < 0.3)),
  };
}

function idsOf(prefix: string, rows: number): string[] {
  return Array.from({ length: rows }, (_, at) => `${prefix}${at}`);
}
