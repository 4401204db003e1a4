import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkExamples } from '../../../processors/train/check-examples.ts';
import {
  championOf,
  chooseVersion,
  type KnownVersion,
  versionNumber,
} from '../../../processors/train/choose-version.ts';
import {
  compareChallenger,
  describeComparison,
  lossBaseline,
} from '../../../processors/train/compare-challenger.ts';
import { planSnapshot } from '../../../processors/train/snapshot-plan.ts';
import { DAY_MS, splitByTime } from '../../../processors/train/split-by-time.ts';
import type { LabelTask } from '../../../src/core/contract/label-task.ts';
import type { Dataset } from '../../../src/core/models/dataset.ts';

const known: KnownVersion[] = [
  { version: 'v2', requestId: 'b', status: 'rejected' },
  { version: 'v10', requestId: 'c', status: 'accepted' },
  { version: 'v9', requestId: 'd', status: 'accepted' },
];

test('a new request gets the next number, a decided one keeps its version', () => {
  assert.equal(chooseVersion([], 'a'), 'v1');
  assert.equal(chooseVersion(known, 'e'), 'v11');
  assert.equal(chooseVersion(known, 'b'), 'v2');
});

test('the champion is the accepted version with the largest number, not the last text', () => {
  assert.equal(championOf(known)?.version, 'v10');
  assert.equal(championOf([{ version: 'v1', requestId: 'a', status: 'rejected' }]), undefined);
  assert.equal(versionNumber('v07'), 0);
});

test('the newest days validate and nothing after the cut is trained on', () => {
  const times = Float64Array.from({ length: 30 }, (_, day) => day * DAY_MS);
  const ids = Array.from(times, (_, day) => `id${day}`);
  const split = splitByTime({ eventTimesMs: times, ids, validationDays: 7 });
  assert.deepEqual(split.validation, [23, 24, 25, 26, 27, 28, 29]);
  assert.deepEqual(
    split.training,
    Array.from({ length: 23 }, (_, day) => day),
  );
});

test('an example that is on both sides of the cut is not trained on', () => {
  const split = splitByTime({
    eventTimesMs: [0, DAY_MS, 20 * DAY_MS],
    ids: ['same', 'other', 'same'],
    validationDays: 7,
  });
  assert.deepEqual([split.training, split.validation, split.purged], [[1], [2], 1]);
});

test('every row is on one side, and each side is on its side of the cut', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 * DAY_MS }), { maxLength: 60 }), (times) => {
      const ids = times.map((_, row) => `${row}`);
      const split = splitByTime({ eventTimesMs: times, ids, validationDays: 7 });
      assert.equal(split.training.length + split.validation.length, times.length);
      assert.ok(split.training.every((row) => (times[row] ?? Number.NaN) < split.cutMs));
      assert.ok(split.validation.every((row) => (times[row] ?? Number.NaN) >= split.cutMs));
    }),
  );
});

const task = { kind: 'classification' } as const;
const policy = { minimumRows: 4, minimumValidationRows: 4, minimumPositives: 1 };
const good = dataset({ x: [1, 2, Number.NaN, 4], c: ['a', 'b', 'a', null], label: [0, 1, 0, 1] });

test('examples that can be trained on have no reasons against them', () => {
  assert.deepEqual(checkExamples({ training: good, validation: good, task, policy }), []);
});

test('impossible examples are refused with the numbers behind it', () => {
  const few = dataset({ x: [1], c: ['a'], label: [1] });
  const oneClass = dataset({ x: [1, 2, 3, 4], c: ['a', 'b', 'a', 'b'], label: [1, 1, 1, 1] });
  const nulls = dataset({
    x: [Number.NaN, Number.NaN, Number.NaN, Number.NaN],
    c: [null, '', null, ''],
    label: [0, 1, 0, 1],
  });
  const strange = dataset({ x: [1, 2, 3, 4], c: ['a', 'b', 'a', 'b'], label: [0, 1, 2, Number.NaN] });
  const against = (training: Dataset, validation: Dataset = good): readonly string[] =>
    checkExamples({ training, validation, task, policy });
  assert.deepEqual(against(few), ['too few labelled rows for training: 1 of 4 needed']);
  assert.deepEqual(against(good, few), ['too few labelled rows for validation: 1 of 4 needed']);
  assert.deepEqual(against(oneClass), ['the training rows have one class only: all 4 labels are 1']);
  assert.deepEqual(against(nulls), [
    'the feature x is null in all 4 training rows',
    'the feature c is null in all 4 training rows',
  ]);
  assert.deepEqual(against(strange), ['2 of 4 training rows have a label that is neither 0 nor 1']);
  assert.deepEqual(
    checkExamples({
      training: good,
      validation: good,
      task,
      policy: { minimumRows: 1, minimumValidationRows: 1, minimumPositives: 3 },
    }),
    [
      'too few training rows with label 1: 2 of 3 needed',
      'too few validation rows with label 1: 2 of 3 needed',
    ],
  );
});

test('the paired standard error is the one of the differences', () => {
  const answer = compareChallenger({
    champion: [1, 2, 3, 4],
    challenger: [0.5, 1.7, 2.9, 3.1],
    marginNats: 0,
  });
  assert.notEqual(answer.status, 'insufficient');
  if (answer.status === 'insufficient') return;
  // Differences 0.5 0.3 0.1 0.9: mean 0.45, sample variance 0.35 / 3.
  assert.ok(Math.abs(answer.improvement - 0.45) < 1e-12);
  assert.ok(Math.abs(answer.standardError - Math.sqrt(0.35 / 3 / 4)) < 1e-12);
  assert.equal(answer.status, 'better');
});

test('a gain below the margin or inside the noise is not better', () => {
  const champion = [1, 1, 1, 1];
  assert.equal(
    compareChallenger({ champion, challenger: [0.99, 0.99, 0.99, 0.99], marginNats: 0.05 }).status,
    'not-better',
  );
  assert.equal(
    compareChallenger({ champion, challenger: [0, 2, 0.5, 1.4], marginNats: 0 }).status,
    'not-better',
  );
  assert.equal(compareChallenger({ champion, challenger: champion, marginNats: 0 }).status, 'not-better');
  assert.equal(compareChallenger({ champion: [1], challenger: [0], marginNats: 0 }).status, 'insufficient');
});

test('a challenger that is better never is when the two change places', () => {
  const losses = fc.array(
    fc.tuple(fc.double({ min: 0, max: 16, noNaN: true }), fc.double({ min: 0, max: 16, noNaN: true })),
    { minLength: 2, maxLength: 50 },
  );
  fc.assert(
    fc.property(losses, (rows) => {
      const champion = rows.map(([a]) => a);
      const challenger = rows.map(([, b]) => b);
      const there = compareChallenger({ champion, challenger, marginNats: 0 });
      const back = compareChallenger({ champion: challenger, challenger: champion, marginNats: 0 });
      assert.ok(!(there.status === 'better' && back.status === 'better'));
    }),
  );
});

test('classes and numbers as labels have reasons of their own', () => {
  const of = (label: number[]): Dataset => dataset({ x: [1, 2, 3, 4], c: ['a', 'b', 'a', 'b'], label });
  const classes = { kind: 'multiclass', classes: ['low', 'mid', 'high'] } as const;
  const against = (label: number[], by: LabelTask, minimumPositives = 1): readonly string[] =>
    checkExamples({
      training: of(label),
      validation: of([0, 1, 2, 0]),
      task: by,
      policy: { ...policy, minimumPositives },
    });
  assert.deepEqual(against([0, 2, 2, 0], classes), []);
  assert.deepEqual(against([1, 1, 1, 1], classes), [
    'the training rows have one class only: all 4 labels are mid',
  ]);
  assert.deepEqual(against([0, 1, 3, Number.NaN], classes), [
    '2 of 4 training rows have a label that is no class',
  ]);
  assert.deepEqual(against([0, 0, 0, 2], classes, 2).slice(0, 1), [
    'too few training rows with another label than low: high has 1 of 2 needed',
  ]);
  const number = { kind: 'regression' } as const;
  assert.deepEqual(against([0.5, -1, 3e9, 2], number), []);
  assert.deepEqual(against([7, 7, 7, 7], number), ['the training rows have one label only: all 4 are 7']);
  assert.deepEqual(against([7, 8, Number.NaN, 7], number), [
    '1 of 4 training rows have a label that is no number',
  ]);
});

test('a comparison reads as a sentence with its sample size', () => {
  const comparison = compareChallenger({ champion: [1, 1.2], challenger: [0.5, 0.6], marginNats: 0.01 });
  assert.equal(
    describeComparison({
      comparison,
      champion: 'v3',
      measure: 'log-loss',
      before: 1.1,
      after: 0.55,
      validationDays: 7,
      marginNats: 0.01,
    }),
    'log-loss 0.5500 against 1.1000 of v3 on 2 rows of the newest 7 days: lower by 0.5500 (standard error 0.0500; needed: 0.01 and 1.645 standard errors)',
  );
});

test('the baseline of one row is no baseline', () => {
  assert.equal(lossBaseline([0.3]), undefined);
  assert.deepEqual(lossBaseline([1, 3]), { mean: 2, sd: Math.SQRT2, n: 2 });
});

test('a plan keeps ranges in partition order and every schema once', () => {
  const plan = planSnapshot({
    requestId: 'r',
    model: 'm',
    version: 'v1',
    topic: 'training.m',
    fromMs: 0,
    untilMs: 10,
    ranges: [
      { partition: 3, firstOffset: 5, endOffset: 9, rows: 4, schemaIds: [7, 2] },
      { partition: 0, firstOffset: 1, endOffset: 3, rows: 2, schemaIds: [2] },
    ],
  });
  assert.deepEqual(
    [plan.partitions, plan.firstOffsets, plan.endOffsets, plan.rows, plan.schemaIds],
    [[0, 3], [1, 5], [3, 9], 6, [2, 7]],
  );
});

function dataset(args: { x: number[]; c: (string | null)[]; label: number[] }): Dataset {
  return {
    rows: args.label.length,
    numeric: [{ name: 'x', values: Float64Array.from(args.x) }],
    categorical: [{ name: 'c', values: args.c }],
    label: Float64Array.from(args.label),
  };
}
