import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AvroDefinition } from '../../../src/core/avro/definition.ts';
import { applyEdits } from '../../../src/core/contract/apply-edit.ts';
import type { Field } from '../../../src/core/contract/contract.ts';
import { judgeValueRules } from '../../../src/core/evidence/judge-value-rules.ts';
import { coder } from '../../../src/core/summaries/bins.ts';
import { numberColumn, textColumn } from '../../../src/core/windows/column.ts';
import { reduceColumn } from '../../../src/core/windows/reduce-column.ts';

const NUMBER: Field = {
  name: 'x',
  role: 'feature',
  kind: 'numeric',
  avro: 'double',
  nullable: true,
  range: { min: 0, max: 10 },
};
const TEXT: Field = {
  name: 'c',
  role: 'feature',
  kind: 'categorical',
  avro: 'string',
  nullable: true,
  domain: ['a', 'b'],
};

function judge(field: Field, pane: object) {
  const empty = {
    n: 1_000,
    codes: [],
    counts: [],
    finite: 0,
    total: 0,
    squares: 0,
    minimum: -3,
    maximum: 12,
  };
  return judgeValueRules({ field, pane: { ...empty, ...pane }, allowed: 0.001, minimumRows: 200 });
}

test('more rows outside of the range than the floor allows are a drift, each end by its own class', () => {
  const found = judge(NUMBER, { below: 1, above: 2 });
  assert.deepEqual(
    found.map(({ class: name, verdict, count, share, pValue }) => [name, verdict, count, share, pValue]),
    [
      ['FLOAT_TYPE_SMALL_FLOAT', 'ok', 1, 0.001, undefined],
      ['FLOAT_TYPE_BIG_FLOAT', 'drift', 2, 0.002, undefined],
    ],
  );
  assert.deepEqual(found[1]?.edit?.becomes, {
    name: 'x',
    type: ['null', 'double'],
    role: 'feature',
    kind: 'numeric',
    range: { min: -3, max: 12 },
  });
});

test('whole numbers have classes of their own, and an end that the range has not is no rule', () => {
  const found = judge({ ...NUMBER, avro: 'long', range: { max: 10 } }, { below: null, above: 500 });
  assert.deepEqual(
    found.map(({ class: name, verdict }) => [name, verdict]),
    [['INT_TYPE_BIG_INT', 'drift']],
  );
});

test('texts outside of the domain are unexpected', () => {
  const [found] = judge(TEXT, { unexpected: 4 });
  assert.deepEqual([found?.class, found?.verdict], ['ENUM_TYPE_UNEXPECTED_STRING_VALUES', 'drift']);
  assert.deepEqual(judge(TEXT, { unexpected: 0 })[0]?.verdict, 'ok');
});

test('the values outside are told with their rows, and the edit adds as many as it takes', () => {
  const values = (some: readonly (readonly [string, number])[], unexpected: number) =>
    judge(TEXT, { unexpected, unexpectedValues: some })[0];
  const found = values(
    [
      ['z', 12],
      ['x', 1],
      ['y', 1],
    ],
    14,
  );
  assert.match(
    found?.says ?? '',
    /14 of 1000 values are not in the domain of 2: 'z' 12 rows, 'x' 1 rows, 'y' 1 rows$/,
  );
  assert.deepEqual(found?.values?.[0], { value: 'z', rows: 12 });
  // One row in 1,000 is allowed.
  assert.deepEqual(found?.edit?.becomes, {
    name: 'c',
    type: ['null', 'string'],
    role: 'feature',
    kind: 'categorical',
    domain: ['a', 'b', 'x', 'z'],
  });
  const before = { name: 'c', type: ['null', 'string'], domain: ['a', 'b'] };
  const contract: AvroDefinition = { type: 'record', name: 'r', fields: [before] };
  const applied = applyEdits(contract, found?.edit === undefined ? [] : [found.edit]);
  assert.match(JSON.stringify(applied), /"domain":\["a","b","x","z"\]/);
  const many = values(
    [
      ['z', 12],
      ['x', 5],
    ],
    40,
  );
  assert.match(many?.says ?? '', /'x' 5 rows, other values 23 rows$/);
  assert.equal(many?.edit, undefined);
  assert.equal(values([['long'.repeat(16), 12]], 12)?.edit, undefined);
  assert.equal(values([['z', 1]], 1)?.edit, undefined);
});

test('a text with a domain is judged like a category', () => {
  const [found] = judge({ ...TEXT, kind: 'text' }, { unexpected: 4 });
  assert.equal(found?.verdict, 'drift');
});

test('few rows and domains too long to be counted are insufficient, rows counted without the rule are not judged', () => {
  const [few] = judge(NUMBER, { n: 199, below: 100, above: 0 });
  assert.deepEqual([few?.verdict, few?.need], ['insufficient', 200]);
  const long = { ...TEXT, domain: Array.from({ length: 9_000 }, (_, at) => `value ${at}`) };
  assert.equal(judge(long, { unexpected: null })[0]?.verdict, 'insufficient');
  assert.deepEqual(judge(NUMBER, { below: null, above: null }), []);
  assert.deepEqual(judge(TEXT, {}), []);
});

test('rows outside are counted at neither end of the range, without missing values, NaN and infinities', () => {
  const values = [0, 10, -1, 11, 12, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 99];
  const column = numberColumn({
    name: 'x',
    form: 'number',
    values,
    missing: values.map((x) => (x === 99 ? 1 : 0)),
  });
  const rows = values.map((_, row) => row);
  const pane = reduceColumn({
    column,
    rows,
    bins: { kind: 'numeric', edges: [5] },
    rules: { min: 0, max: 10 },
  });
  assert.deepEqual([pane.below, pane.above, pane.unexpected], [1, 2, null]);
});

test('a value that the reference never held is expected when the domain has it, and a missing one is none', () => {
  const column = textColumn({ name: 'c', codes: [0, 1, 2, -1], texts: ['a', 'b', 'c'] });
  const bins = { kind: 'categorical', categories: ['a', 'c'], others: [] } as const;
  assert.equal(coder(bins)('b'), -5);
  const pane = reduceColumn({ column, rows: [0, 1, 2, 3], bins, rules: { domain: ['a', 'b'] } });
  assert.deepEqual([pane.below, pane.above, pane.unexpected], [null, null, 1]);
  assert.deepEqual(pane.unexpectedValues, [['c', 1]]);
});

test('of values outside of the domain the most frequent are kept, ties by their bytes, cut', () => {
  const texts = ['\u{1F600}', '\uFF21', 'é'.repeat(70), ...Array.from({ length: 8 }, (_, at) => `v${at}`)];
  const codes = [0, 1, 2, 2, ...texts.slice(3).map((_, at) => at + 3), 10, 10];
  const pane = reduceColumn({
    column: textColumn({ name: 'c', codes, texts }),
    rows: codes.map((_, row) => row),
    bins: { kind: 'categorical', categories: [], others: [] },
    rules: { domain: ['v0', 'v1', 'v2', 'v3'] },
  });
  assert.deepEqual(pane.unexpectedValues, [
    ['v7', 3],
    ['é'.repeat(64), 2],
    ['v4', 1],
    ['v5', 1],
    ['v6', 1],
    ['\uFF21', 1],
    ['\u{1F600}', 1],
  ]);
  assert.equal(pane.unexpected, 10);
});
