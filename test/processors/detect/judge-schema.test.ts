import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeSchemas, withValues } from '../../../processors/detect/judge-schema.ts';
import { judgeContractValues } from '../../../processors/detect/judge-serving.ts';
import { expectedFalsePagesOf } from '../../../processors/detect/ledger-row.ts';
import { cellKey } from '../../../processors/detect/references.ts';
import { NO_RANGES } from '../../../processors/panes/rows.ts';
import type { Field } from '../../../src/core/contract/contract.ts';
import { plainView } from '../../fixtures/plain-view.ts';

const UNEXPECTED = 'ENUM_TYPE_UNEXPECTED_STRING_VALUES';
const field: Field = {
  name: 'c',
  role: 'feature',
  kind: 'categorical',
  avro: 'enum',
  nullable: false,
  domain: ['a', 'b'],
};
const view = plainView({ features: [{ field, kind: 'categorical' }] });
const window = {
  startMs: 0,
  endMs: 1,
  revision: 0,
  version: 'v1',
  ranges: NO_RANGES,
  rows: 400,
  streamTimeMs: 1,
};

/** Verdicts on a writer's enum with a symbol too many, and on the rows of the window. */
function verdicts(records: number, unexpected: number) {
  const schemas = judgeSchemas({
    view,
    window,
    records: 400,
    rows: [
      { class: UNEXPECTED, field: 'c', verdict: 'accepted', detail: 'one symbol too many', records },
      { class: 'SCHEMA_NEW_COLUMN', field: 'd', verdict: 'accepted', detail: 'new', records: 0 },
    ],
  });
  const counts = { n: 400, codes: [0], counts: [400], finite: 0, total: 0, squares: 0 };
  const values = [['XX', unexpected]] as const;
  const unexpectedValues = unexpected === 0 ? [] : values;
  const pane = { ...counts, minimum: null, maximum: null, unexpected, unexpectedValues };
  const judged = judgeContractValues({
    view,
    window,
    panes: new Map([[cellKey('c', ''), [{ startMs: 0, pane }]]]),
    allowed: 0.001,
    alpha: 1e-6,
    minimumRows: 200,
  });
  return { all: [...schemas, ...judged], told: withValues(schemas, judged) };
}

test('a domain broken by writer and rows alike is one verdict, that of the writer while its records come', () => {
  for (const [records, unexpected, evidence] of [
    [400, 12, /one symbol too many/],
    [400, 0, /one symbol too many/],
    [0, 12, /12 of 400 values are not in the domain of 2: 'XX' 12 rows$/],
    [0, 0, /0 of 400 values/],
  ] as const) {
    const { all, told } = verdicts(records, unexpected);
    assert.equal(all.length, 3);
    const [first, ...others] = told.filter(({ statistic }) => statistic === UNEXPECTED);
    assert.deepEqual(others, []);
    assert.match(first?.evidence ?? '', evidence);
    assert.equal(first?.verdict, records + unexpected > 0 ? 'drift' : 'ok');
    assert.ok(told.some(({ statistic }) => statistic === 'SCHEMA_NEW_COLUMN'));
  }
});

test('a rule of the contract has no p-value and spends nothing of the budget', () => {
  const { told } = verdicts(0, 12);
  const rule = told.find(({ statistic }) => statistic === UNEXPECTED);
  assert.deepEqual(
    [rule?.pValue, rule?.threshold, rule?.effect, rule?.effectFloor, rule?.n],
    [undefined, 0, 0.03, 0.001, 400],
  );
  assert.equal(expectedFalsePagesOf(told), 0);
  assert.deepEqual(rule?.detail['values'], [{ value: 'XX', rows: 12 }]);
});
