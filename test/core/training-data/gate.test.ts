import assert from 'node:assert/strict';
import { test } from 'node:test';
import { categoryRange } from '../../../src/core/training-data/category-range.ts';
import { classBalance } from '../../../src/core/training-data/class-balance.ts';
import { distribution } from '../../../src/core/training-data/distribution.ts';
import { gateTrainingData } from '../../../src/core/training-data/gate.ts';
import { idLeakage } from '../../../src/core/training-data/id-leakage.ts';
import { labelParity } from '../../../src/core/training-data/label-parity.ts';
import { schema } from '../../../src/core/training-data/schema.ts';
import { timeOrder } from '../../../src/core/training-data/time-order.ts';

const limits = { leakedIds: 0.01, classShare: 0.001, labelParity: 0.3, unseenCategories: 0.5 };
const many = <T>(value: T, rows: number): T[] => new Array<T>(rows).fill(value);
const labels = (ones: number, zeros: number): number[] => [...many(1, ones), ...many(0, zeros)];
const ids = (rows: number, prefix = 'v'): string[] =>
  Array.from({ length: rows }, (_, at) => `${prefix}${at}`);

test('ids on both sides stop a training beyond the limit and are a warning up to it', () => {
  const leak = (rows: number) => [
    idLeakage({ training: [...ids(500, 't'), ...ids(rows)], validation: ids(1_000) }),
  ];
  assert.deepEqual(gateTrainingData(leak(11), limits).reasons, [
    'id-leakage: 11 of 1000 validation rows (1.1%) have the id of a training row (v0, v1, v10), more than 1.0%',
  ]);
  const few = gateTrainingData(leak(10), limits);
  assert.deepEqual([few.reasons, few.warnings.map(({ check }) => check)], [[], ['id-leakage']]);
});

test('a class that is hardly there stops a training, a rare one is a warning', () => {
  const balance = (ones: number) => [classBalance({ now: labels(ones, 10_000 - ones) })];
  assert.deepEqual(gateTrainingData(balance(9), limits).reasons, [
    'class-balance: 0.090% of 10000 labels are 1: too few to learn from, under 0.10%',
  ]);
  const rare = gateTrainingData(balance(10), limits);
  assert.deepEqual([rare.reasons, rare.warnings.length], [[], 1]);
  const moved = [classBalance({ before: labels(900, 100), now: labels(100, 900), alpha: 0.01 })];
  assert.equal(gateTrainingData(moved, limits).reasons.length, 0, 'another world is no reason');
});

test('labels of another kind on the two sides stop a training, a season is a warning', () => {
  const parity = (ones: number) => [
    labelParity({ training: labels(500, 500), validation: labels(ones, 1_000 - ones) }),
  ];
  assert.deepEqual(gateTrainingData(parity(850), limits).reasons, [
    'label-parity: 85% of 1000 validation labels are 1, 50% of 1000 training labels, more than 30% apart',
  ]);
  const season = gateTrainingData(parity(700), limits);
  assert.deepEqual([season.reasons, season.warnings.length], [[], 1]);
});

test('rows out of the order of time stop a training', () => {
  assert.equal(timeOrder({ trainingMs: [1, 2], validationMs: [3, 4] }).status, 'ok');
  assert.equal(timeOrder({ trainingMs: [], validationMs: [3, 4] }).status, 'insufficient');
  for (const trainingMs of [
    [1, 3],
    [1, Number.NaN],
  ]) {
    const { reasons } = gateTrainingData([timeOrder({ trainingMs, validationMs: [4, 3] })], limits);
    assert.deepEqual(reasons, [
      'time-order: 1 of 2 training rows (50%) are not older than the oldest validation row',
    ]);
  }
});

test('a column that is not there stops a training, a feature that came or went is a warning', () => {
  const gate = gateTrainingData(
    schema({ rows: 9, features: ['a', 'b'], absent: ['b'], before: ['a', 'c'] }),
    limits,
  );
  assert.deepEqual(gate.reasons, ['schema: the rows have no column b']);
  assert.deepEqual(
    gate.warnings.map(({ detail }) => detail),
    [
      'b is no feature of the serving model, or of another kind',
      'c was a feature of the serving model and is none now',
    ],
  );
  assert.deepEqual(schema({ rows: 9, features: ['a'], absent: [] }), [
    { check: 'schema', status: 'ok', n: 9 },
  ]);
});

test('a feature of new categories stops a training, some new ones and another distribution are warnings', () => {
  const range = (rows: number) => {
    const before = many('red', 100);
    const now = [...many('red', 100 - rows), ...many('mauve', rows)];
    return [
      categoryRange({ feature: 'color', before, now }),
      distribution({ feature: 'color', before, now, kind: 'categorical' }),
    ];
  };
  const all = gateTrainingData(range(60), limits);
  assert.deepEqual(all.reasons, [
    'category-range: color: 60% of 100 rows hold 1 categories never seen before (mauve), more than 50%',
  ]);
  assert.deepEqual(
    all.warnings.map(({ check }) => check),
    ['distribution'],
  );
  const some = gateTrainingData(range(50), limits);
  assert.deepEqual([some.reasons, some.warnings.length], [[], 2]);
});

test('a check without enough rows neither stops nor passes', () => {
  const gate = gateTrainingData([labelParity({ training: [1], validation: [0] })], limits);
  assert.deepEqual([gate.reasons, gate.warnings, gate.insufficient.length, gate.checks], [[], [], 1, 1]);
});
