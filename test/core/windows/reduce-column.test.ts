import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedColumn, numberColumn, textColumn } from '../../../src/core/windows/column.ts';
import { fitWindowBins } from '../../../src/core/windows/fit-window-bins.ts';
import { reduceColumn } from '../../../src/core/windows/reduce-column.ts';

const numbers = (values: readonly (number | null)[]) =>
  numberColumn({
    name: 'x',
    form: 'number',
    values: values.map((value) => value ?? 0),
    missing: values.map((value) => (value === null ? 1 : 0)),
  });
const all = (n: number) => Array.from({ length: n }, (_, row) => row);

test('a quantile is the element at place floor(q n), never a mean of two', () => {
  assert.deepEqual(fitWindowBins({ kind: 'numeric', column: numbers([1, 2, 3, 4, 5, 6, 7]), rows: all(7) }), {
    kind: 'numeric',
    edges: [1, 2, 3, 4, 5, 6, 7],
  });
  const twenty = numbers(all(20));
  const bins = fitWindowBins({ kind: 'numeric', column: twenty, rows: all(20) });
  assert.deepEqual(bins.kind === 'numeric' && bins.edges, all(20).slice(1));
});

test('a value on an edge belongs to the bin that begins there', () => {
  const column = numbers([0, 1, 1, 2, 3]);
  const pane = reduceColumn({ column, rows: all(5), bins: { kind: 'numeric', edges: [1, 2] } });
  assert.deepEqual(
    [pane.codes, pane.counts],
    [
      [0, 1, 2],
      [1, 2, 2],
    ],
  );
});

test('null, NaN and infinities have codes of their own and enter no sum', () => {
  const column = numbers([null, Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 2, 3]);
  const pane = reduceColumn({ column, rows: all(6), bins: { kind: 'numeric', edges: [2.5] } });
  assert.deepEqual(pane, {
    n: 6,
    codes: [-4, -3, -2, -1, 0, 1],
    counts: [1, 1, 1, 1, 1, 1],
    finite: 2,
    total: 5,
    squares: 13,
    minimum: 2,
    maximum: 3,
    below: null,
    above: null,
    unexpected: null,
    unexpectedValues: [],
  });
});

test('a text that the reference never held is unseen; the rarer ones share the bin after the last category', () => {
  const texts = Array.from({ length: 25 }, (_, i) => `t${String(i).padStart(2, '0')}`);
  const reference = textColumn({ name: 'c', codes: [...all(25), 24, 24], texts });
  const bins = fitWindowBins({ kind: 'categorical', column: reference, rows: all(27) });
  assert.equal(bins.kind === 'categorical' && bins.categories[0], 't24', 'the most frequent one comes first');
  const current = textColumn({ name: 'c', codes: [0, 1, 2, -1], texts: ['t24', 't23', 'new'] });
  const pane = reduceColumn({ column: current, rows: all(4), bins });
  assert.deepEqual(
    [pane.codes, pane.counts],
    [
      [-5, -1, 0, 20],
      [1, 1, 1, 1],
    ],
  );
});

test('the order of the rows does not matter', () => {
  const column = numbers(all(1000).map((i) => Math.sin(i) * 10 ** (i % 7)));
  const bins = fitWindowBins({ kind: 'numeric', column, rows: all(1000) });
  const shuffled = all(1000).map((i) => (i * 7) % 1000);
  assert.deepEqual(
    reduceColumn({ column, rows: shuffled, bins }),
    reduceColumn({ column, rows: all(1000), bins }),
  );
});

test('times count in seconds and print as ISO text; booleans print as words', () => {
  const time = numberColumn({ name: 't', form: 'time', values: [1_704_067_200_123], missing: [0] });
  assert.equal(time.number(0), 1_704_067_200.123);
  assert.equal(time.text(0), '2024-01-01T00:00:00.123Z');
  assert.equal(numberColumn({ name: 'b', form: 'boolean', values: [1], missing: [0] }).text(0), 'true');
});

test('a changed column differs in the rows named and nowhere else', () => {
  const column = changedColumn(numbers([1, 2, 3]), new Map([[1, null]]));
  assert.deepEqual(
    [0, 1, 2].map((row) => column.number(row)),
    [1, null, 3],
  );
});
