import assert from 'node:assert/strict';
import { test } from 'node:test';
import { categoryOf } from '../../../src/core/models/category.ts';
import { designMatrix, designWidth } from '../../../src/core/models/design-matrix.ts';
import { fitFrequencyEncoding } from '../../../src/core/models/frequency-encoding.ts';
import { fitOneHot } from '../../../src/core/models/one-hot.ts';
import { fitStandardise, standardise } from '../../../src/core/models/standardise.ts';
import { fitTargetEncoding, outOfFoldCodes } from '../../../src/core/models/target-encoding.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { DriftwatchError } from '../../../src/errors.ts';

const column = { name: 'carrier', values: ['AA', 'AA', 'UA', null, 'AA', '', 'DL'] };
const label = Float64Array.from([1, 0, 1, 0, 1, 1, 0]);

test('target codes by hand: sum plus prior rows of the mean, over rows plus prior rows', () => {
  const fitted = fitTargetEncoding(column, label, { smoothing: 2, maxCategories: 2 });
  const mean = 4 / 7;
  assert.deepEqual(fitted.categories, ['AA', 'DL']);
  assert.deepEqual(fitted.codes, [Math.fround((2 + 2 * mean) / 5), Math.fround((0 + 2 * mean) / 3)]);
  assert.equal(fitted.missing, Math.fround((1 + 2 * mean) / 4));
  assert.equal(fitted.unseen, Math.fround(mean));
});

test('an out-of-fold code does not move with the label of its own row', () => {
  const values = Array.from({ length: 200 }, (_, at) => `c${at % 7}`);
  const y = Float64Array.from({ length: 200 }, (_, at) => (at * 13) % 2);
  const codesFor = (labels: Float64Array) => {
    const of = { name: 'c', values };
    const fitted = fitTargetEncoding(of, labels, { smoothing: 5, maxCategories: 100 });
    return outOfFoldCodes({
      column: of,
      label: labels,
      fitted,
      folds: 5,
      smoothing: 5,
      random: seededRandom(1),
    });
  };
  const before = codesFor(y);
  for (const row of [0, 17, 123]) {
    const changed = y.slice();
    changed[row] = 1 - (changed[row] ?? 0);
    const after = codesFor(changed);
    assert.ok(Math.abs((after[row] ?? 0) - (before[row] ?? 1)) < 1e-7);
    assert.ok(after.some((code, at) => Math.abs(code - (before[at] ?? 0)) > 1e-4));
  }
});

test('a category of one row is scored by its neighbours out of fold, by itself when fitted', () => {
  const values = Array.from({ length: 100 }, (_, at) => `only${at}`);
  const y = Float64Array.from({ length: 100 }, (_, at) => at % 2);
  const fitted = fitTargetEncoding({ name: 'id', values }, y, { smoothing: 1, maxCategories: 1000 });
  const codes = outOfFoldCodes({
    column: { name: 'id', values },
    label: y,
    fitted,
    folds: 5,
    smoothing: 1,
    random: seededRandom(2),
  });
  const [zero, one] = designMatrix(
    { numeric: [], categorical: [fitted] },
    {
      rows: 2,
      numeric: [],
      categorical: [{ name: 'id', values: ['only0', 'only1'] }],
      label: new Float64Array(0),
    },
  )[0] ?? [0, 0];
  assert.deepEqual([zero, one], [0.25, 0.75]);
  for (const code of codes) assert.ok(Math.abs(code - 0.5) < 0.1);
});

test('frequency codes are shares of all rows, missing ones included', () => {
  const fitted = fitFrequencyEncoding(column, { maxCategories: 10 });
  assert.deepEqual(fitted.categories, ['AA', 'DL', 'UA']);
  assert.deepEqual(fitted.codes, [3 / 7, 1 / 7, 1 / 7].map(Math.fround));
  assert.equal(fitted.missing, Math.fround(2 / 7));
  assert.equal(fitted.unseen, 0);
});

test('one-hot has a column for the frequent, one for any other, one for missing', () => {
  const fitted = fitOneHot(column, { topK: 5, minRows: 2 });
  assert.deepEqual(fitted.categories, ['AA']);
  const inputs = { numeric: [], categorical: [fitted] };
  const columns = designMatrix(inputs, {
    rows: 4,
    numeric: [],
    categorical: [{ name: 'carrier', values: ['AA', 'DL', null, ''] }],
    label: new Float64Array(0),
  });
  assert.equal(designWidth(inputs), 3);
  assert.deepEqual(
    columns.map((values) => Array.from(values)),
    [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 1],
    ],
  );
});

test('standardised values have mean 0 and deviation 1, missing ones are 0 and marked', () => {
  const fitted = fitStandardise({ name: 't', values: Float64Array.from([10, 20, Number.NaN, 30]) });
  assert.ok(fitted.treatment === 'standardise' && fitted.missingColumn);
  assert.equal(fitted.mean, 20);
  const [values, missing] = designMatrix(
    { numeric: [fitted], categorical: [] },
    {
      rows: 4,
      numeric: [{ name: 't', values: Float64Array.from([10, 20, Number.NaN, Number.POSITIVE_INFINITY]) }],
      categorical: [],
      label: new Float64Array(0),
    },
  );
  const unit = Math.sqrt(1.5);
  assert.ok(Math.abs((values?.[0] ?? 0) + unit) < 1e-6);
  assert.deepEqual(Array.from(values ?? []).slice(1), [0, 0, 10]);
  assert.deepEqual(Array.from(missing ?? []), [0, 0, 1, 0]);
});

test('a constant column adds nothing, whatever comes later', () => {
  const fitted = fitStandardise({ name: 'k', values: Float64Array.from([0.1, 0.1, 0.1]) });
  assert.ok(fitted.treatment === 'standardise');
  for (const value of [0.1, 7, Number.NaN, Number.NEGATIVE_INFINITY]) {
    assert.equal(Math.abs(standardise(fitted, value)), 0);
  }
});

test('empty text and null are missing; text is what a C string in UTF-8 can hold', () => {
  assert.equal(categoryOf(''), null);
  assert.equal(categoryOf(null), null);
  assert.equal(categoryOf('\0rest'), null);
  assert.equal(categoryOf('AA\0rest'), 'AA');
  assert.equal(categoryOf('\ud800'), '\ufffd');
});

test('a column that the model reads and the rows lack is a bug, not a zero', () => {
  const inputs = { numeric: [{ treatment: 'as-is', name: 'gone' } as const], categorical: [] };
  assert.throws(
    () => designMatrix(inputs, { rows: 1, numeric: [], categorical: [], label: new Float64Array(0) }),
    (error) => error instanceof DriftwatchError && error.code === 'INVARIANT_BROKEN',
  );
});
