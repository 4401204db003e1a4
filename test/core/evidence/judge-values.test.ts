import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Field } from '../../../src/core/contract/contract.ts';
import { judgeValues } from '../../../src/core/evidence/judge-values.ts';
import { CODES } from '../../../src/core/statistic.ts';

const FIELD: Field = {
  name: 'x',
  role: 'feature',
  kind: 'numeric',
  avro: 'double',
  nullable: true,
  presence: 0.99,
  registered: { name: 'x', type: ['null', 'double'], default: null, role: 'feature', presence: 0.99 },
};

function judge(counts: Readonly<Record<number, number>>, field: Field = FIELD) {
  const codes = Object.keys(counts).map(Number);
  const rows = Object.values(counts);
  const n = rows.reduce((sum, count) => sum + count, 0);
  const pane = { n, codes, counts: rows, finite: 0, total: 0, squares: 0, minimum: null, maximum: null };
  return judgeValues({ field, pane, allowed: 0.001, alpha: 1e-6 });
}

test('too few values is an anomaly, and comes with the presence that the contract could ask for', () => {
  const [low] = judge({ [CODES.null]: 126, 0: 874 });
  assert.equal(low?.class, 'FEATURE_TYPE_LOW_FRACTION_PRESENT');
  assert.equal(low?.verdict, 'drift');
  assert.deepEqual(low?.edit, {
    action: 'replace',
    field: 'x',
    becomes: { ...FIELD.registered, presence: 0.87 },
  });
});

test('as many missing values as the contract allows are none, and need no edit', () => {
  const [low] = judge({ [CODES.null]: 10, 0: 990 });
  assert.deepEqual([low?.verdict, low?.edit], ['ok', undefined]);
  const { presence: _, ...silent } = FIELD;
  assert.deepEqual(
    judge({ [CODES.null]: 500, 0: 500 }, silent).map(({ class: name }) => name),
    ['FLOAT_TYPE_HAS_NAN', 'FLOAT_TYPE_HAS_INF'],
  );
});

test('NaN and infinities are anomalies that no edit allows', () => {
  const found = judge({
    [CODES.nan]: 30,
    [CODES.positiveInfinity]: 20,
    [CODES.negativeInfinity]: 10,
    0: 940,
  });
  assert.deepEqual(
    found.map(({ class: name, verdict, count, edit }) => [name, verdict, count, edit]),
    [
      ['FEATURE_TYPE_LOW_FRACTION_PRESENT', 'ok', 0, undefined],
      ['FLOAT_TYPE_HAS_NAN', 'drift', 30, undefined],
      ['FLOAT_TYPE_HAS_INF', 'drift', 30, undefined],
    ],
  );
});
