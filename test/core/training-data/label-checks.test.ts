import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabelTask } from '../../../src/core/contract/label-task.ts';
import type { Dataset } from '../../../src/core/models/dataset.ts';
import { labelChecks } from '../../../src/core/training-data/label-checks.ts';

const GRADES = { kind: 'multiclass', classes: ['low', 'mid', 'high'] } as const;
const of = (label: (row: number) => number): Dataset => ({
  rows: 600,
  numeric: [],
  categorical: [],
  label: Float64Array.from({ length: 600 }, (_, row) => label(row)),
});
const check = (task: LabelTask, training: Dataset, validation: Dataset) =>
  labelChecks({ training, validation, task, alpha: 0.01 });

test('classes in the same shares are fine, and the class that moved most is named', () => {
  const even = of((row) => row % 3);
  assert.deepEqual(
    check(GRADES, even, even).map(({ check: name, status }) => [name, status]),
    [
      ['class-balance', 'ok'],
      ['label-parity', 'ok'],
    ],
  );
  // mid 33% -> 50%, high 33% -> 17%, low stays.
  const [, moved] = check(
    GRADES,
    even,
    of((row) => [0, 1, 1, 2, 0, 1][row % 6] ?? 0),
  );
  assert.equal(
    moved?.status === 'finding' ? moved.detail : '',
    '50% of 600 validation labels are mid, 33% of 600 training labels',
  );
  const [alone] = check(
    GRADES,
    of((row) => Number(row === 0)),
    even,
  );
  assert.match(
    alone?.status === 'finding' ? alone.detail : '',
    /^0\.17% of 600 labels are another class: too few/,
  );
});

test('numbers are compared as distributions', () => {
  const flat = of((row) => row);
  const number = { kind: 'regression' } as const;
  assert.deepEqual(
    check(number, flat, flat).map(({ status }) => status),
    ['ok'],
  );
  const [shifted] = check(
    number,
    flat,
    of((row) => row + 300),
  );
  assert.match(shifted?.status === 'finding' ? shifted.detail : '', /^the label: distributed otherwise/);
});
