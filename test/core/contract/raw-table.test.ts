import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { columnType } from '../../../src/core/contract/column-type.ts';
import type { Contract, Role } from '../../../src/core/contract/contract.ts';
import { rawTable, renderRawTable } from '../../../src/core/contract/raw-table.ts';
import { storageMonth } from '../../../src/core/contract/storage-month.ts';
import { DriftwatchError } from '../../../src/errors.ts';

const TEMPLATE = readFileSync(
  new URL('../../../schemas/clickhouse/templates/raw-table.sql', import.meta.url),
  'utf8',
);

const CONTRACT: Contract = {
  model: 'm',
  stream: 'training',
  topic: 'training.m',
  subject: 'training.m-value',
  fields: [
    { name: 'id', role: 'id', kind: 'text', avro: 'string', nullable: false },
    { name: 'event_time', role: 'event-time', kind: 'timestamp', avro: 'timestamp-millis', nullable: false },
    {
      name: 'source',
      role: 'ignore',
      kind: 'categorical',
      avro: 'string',
      nullable: false,
      registered: { name: 'source', type: 'string', default: "it's \\", doc: "Who's there" },
    },
    { name: 'nested', role: 'ignore', kind: 'text', avro: 'record', nullable: false },
  ],
};

test('columns are those of the fields that have one, then ours', () => {
  assert.deepEqual(
    rawTable(CONTRACT).columns.map(({ name, type }) => `${name} ${type}`),
    [
      'id String',
      "event_time DateTime64(3, 'UTC')",
      'source Nullable(String)',
      '_partition Int32',
      '_offset Int64',
      '_schema_id Int64',
      '_topic LowCardinality(String)',
      "_ingested_at DateTime64(3, 'UTC')",
    ],
  );
});

test('the statement escapes texts and leaves no marker', () => {
  const sql = renderRawTable(TEMPLATE, rawTable(CONTRACT));
  assert.doesNotMatch(sql, /\{\{/);
  assert.match(sql, /^CREATE TABLE IF NOT EXISTS training_m\n/);
  assert.ok(sql.includes(String.raw`DEFAULT 'it\'s \\' COMMENT 'Who\'s there (ignore)'`), sql);
});

test('a name that is not plain is refused', () => {
  const field = {
    name: 'a) ENGINE=Memory --',
    role: 'ignore',
    kind: 'text',
    avro: 'string',
    nullable: false,
  } as const;
  assert.throws(
    () => renderRawTable(TEMPLATE, rawTable({ ...CONTRACT, fields: [field] })),
    (error) => error instanceof DriftwatchError && error.code === 'INVARIANT_BROKEN',
  );
});

const TYPES: readonly (readonly [string, boolean, Role, string | undefined])[] = [
  ['double', false, 'feature', 'Nullable(Float64)'],
  ['double', false, 'prediction', 'Float64'],
  ['enum', true, 'feature', 'LowCardinality(Nullable(String))'],
  ['uuid', false, 'id', 'String'],
  ['long', false, 'event-time', "DateTime64(3, 'UTC')"],
  ['timestamp-micros', false, 'event-time', "DateTime64(6, 'UTC')"],
  ['decimal(10,2)', true, 'feature', 'Nullable(Decimal(10, 2))'],
  ['array<double?>', false, 'feature', 'Array(Nullable(Float64))'],
  ['array<array<int>>', false, 'feature', 'Array(Array(Int32))'],
  ['array<double>', true, 'feature', undefined],
  ['array<array<int>?>', false, 'feature', undefined],
  ['map<string>', false, 'ignore', 'Map(String, String)'],
  ['record', false, 'ignore', undefined],
  ['string|double', false, 'ignore', undefined],
];

for (const [avro, nullable, role, expected] of TYPES) {
  test(`${nullable ? 'a nullable' : 'a'} ${avro} ${role} is stored as ${expected ?? 'nothing'}`, () => {
    assert.equal(columnType({ avro, nullable, role }), expected);
  });
}

test('the month of storage is clamped to 2000 to 2099', () => {
  const month = (iso: string): number => storageMonth(Date.parse(iso));
  assert.deepEqual(
    [
      '1969-12-31',
      '1999-12-31T23:59:59.999Z',
      '2000-01-01',
      '2013-03-31T23:59:59.999Z',
      '2100-01-01',
      '+012000-01-01',
    ].map(month),
    [200001, 200001, 200001, 201303, 209912, 209912],
  );
});
