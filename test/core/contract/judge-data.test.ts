import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AvroDefinition } from '../../../src/core/avro/definition.ts';
import { applyEdits } from '../../../src/core/contract/apply-edit.ts';
import type { Contract } from '../../../src/core/contract/contract.ts';
import { judgeData } from '../../../src/core/contract/judge-data.ts';
import { parseContract } from '../../../src/core/contract/parse-contract.ts';
import { type Column, numberColumn, type Table, textColumn } from '../../../src/core/windows/column.ts';

const DEFINITION: AvroDefinition = {
  type: 'record',
  name: 'row',
  fields: [
    { name: 'id', type: 'string', role: 'id' },
    { name: 'event_time', type: { type: 'long', logicalType: 'timestamp-millis' }, role: 'event-time' },
    { name: 'heat', type: ['null', 'double'], role: 'feature', range: { min: 0, max: 10 } },
    { name: 'steps', type: ['null', 'long'], role: 'feature', range: { max: 100 } },
    { name: 'plan', type: ['null', 'string'], role: 'feature', kind: 'categorical', domain: ['a', 'b'] },
    {
      name: 'grade',
      type: { type: 'enum', name: 'grade', symbols: ['x', 'y'] },
      role: 'feature',
      kind: 'categorical',
    },
    { name: 'note', type: ['null', 'string'], role: 'feature', kind: 'text', presence: 0.9 },
    { name: 'label', type: 'int', role: 'label' },
  ],
};

function contractOf(definition: AvroDefinition): Contract {
  const parsed = parseContract({
    model: 'm',
    stream: 'training',
    topic: 'training.m',
    subject: 'training.m-value',
    definition,
  });
  assert.ok(parsed.status === 'ok', JSON.stringify(parsed));
  return parsed.contract;
}

function tableOf(columns: Readonly<Record<string, readonly (number | string | null)[]>>): Table {
  const built = Object.entries(columns).map(([name, values]): [string, Column] => {
    if (!values.some((value) => typeof value === 'string'))
      return [
        name,
        numberColumn({
          name,
          form: 'number',
          values: values.map(Number),
          missing: values.map((value) => (value === null ? 1 : 0)),
        }),
      ];
    const texts = [...new Set(values.flatMap((value) => (value === null ? [] : String(value))))];
    const codes = values.map((value) => (value === null ? -1 : texts.indexOf(String(value))));
    return [name, textColumn({ name, codes, texts })];
  });
  const rows = Math.max(...Object.values(columns).map((values) => values.length));
  return { rows, columns: new Map(built) };
}

const WRONG = tableOf({
  heat: [5, -2, 12, 20, null, Number.NaN],
  steps: [1, 150, -7, 2, 3, 4],
  plan: ['a', 'c', 'c', null, 'd', 'b'],
  grade: ['x', 'z', 'x', 'y', 'x', 'x'],
  note: ['n', null, null, 'n', 'n', 'n'],
});

test('values outside of range, domain and presence are named as TFDV does, with how many there are', () => {
  const { fields } = contractOf(DEFINITION);
  const found = judgeData({ fields, table: WRONG });
  assert.deepEqual(
    found.map(({ field, class: name, count, n }) => [field, name, count, n]),
    [
      ['heat', 'FLOAT_TYPE_SMALL_FLOAT', 1, 6],
      ['heat', 'FLOAT_TYPE_BIG_FLOAT', 2, 6],
      ['steps', 'INT_TYPE_BIG_INT', 1, 6],
      ['plan', 'ENUM_TYPE_UNEXPECTED_STRING_VALUES', 3, 6],
      ['grade', 'ENUM_TYPE_UNEXPECTED_STRING_VALUES', 1, 6],
      ['note', 'FEATURE_TYPE_LOW_FRACTION_PRESENT', 2, 6],
    ],
  );
  assert.match(
    found[3]?.detail ?? '',
    /3 of 6 values of "plan" are not in its domain of 2: "c" \(2\), "d" \(1\)/,
  );
});

test('the edits make a contract that the same rows keep, and no wider than they are', () => {
  const { fields } = contractOf(DEFINITION);
  const edits = judgeData({ fields, table: WRONG }).flatMap(({ edit }) => edit ?? []);
  const edited = applyEdits(DEFINITION, edits);
  assert.ok(edited.status === 'ok', JSON.stringify(edited));
  const after = contractOf(edited.definition);
  assert.deepEqual(judgeData({ fields: after.fields, table: WRONG }), []);
  const rule = (name: string) => after.fields.find((field) => field.name === name) ?? assert.fail();
  assert.deepEqual(rule('heat').range, { min: -2, max: 20 });
  assert.deepEqual(rule('steps').range, { max: 150 });
  assert.deepEqual(rule('plan').domain, ['a', 'b', 'c', 'd']);
  assert.deepEqual(rule('grade').domain, ['x', 'y', 'z']);
  assert.equal(rule('note').presence, 0.66);
});

test('values that keep the contract, and columns that are not there, are no differences', () => {
  const { fields } = contractOf(DEFINITION);
  const table = tableOf({ heat: [0, 10, null, Number.POSITIVE_INFINITY], plan: ['a', 'b', null, 'a'] });
  assert.deepEqual(judgeData({ fields, table }), []);
});

test('more than a hundred new texts end the domain instead of joining it', () => {
  const { fields } = contractOf(DEFINITION);
  const [found] = judgeData({
    fields,
    table: tableOf({ plan: Array.from({ length: 150 }, (_, at) => `v${at}`) }),
  });
  assert.ok(found?.edit !== undefined && !('domain' in found.edit.becomes));
  assert.match(found.detail, /and 145 more/);
});
