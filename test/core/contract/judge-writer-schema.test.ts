import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AvroDefinition, type AvroField, decodeDefinition } from '../../../src/core/avro/definition.ts';
import type { Contract } from '../../../src/core/contract/contract.ts';
import { type Judgement, judgeWriterSchema } from '../../../src/core/contract/judge-writer-schema.ts';
import { parseContract } from '../../../src/core/contract/parse-contract.ts';
import { SCHEMA_SKEW_CLASSES } from '../../../src/core/contract/schema-skew.ts';

const FIELDS: readonly AvroField[] = [
  { name: 'id', type: 'string', role: 'id' },
  { name: 'event_time', type: { type: 'long', logicalType: 'timestamp-millis' }, role: 'event-time' },
  { name: 'carrier', type: ['null', 'string'], default: null, role: 'feature', presence: 0.99 },
  { name: 'distance', type: ['null', 'double'], default: null, role: 'feature', unit: 'mi', presence: 1 },
  { name: 'seats', type: 'int', role: 'feature' },
  { name: 'engine', type: { type: 'enum', name: 'Engine', symbols: ['JET', 'PROP'] }, role: 'feature' },
  { name: 'shape', type: { type: 'array', items: 'double' }, role: 'feature' },
  { name: 'producer', type: 'string', default: 'unknown', role: 'ignore' },
  { name: 'late', type: 'int', role: 'label' },
];
const ALL = FIELDS.map(({ name }) => name);
const CONTRACT = contract(FIELDS);

test('the contract against itself has no findings and fills every column', () => {
  assert.deepEqual(judge(FIELDS), { accepted: true, columns: ALL, findings: [] });
});

test('a missing optional feature is accepted, left out of the columns, and found', () => {
  const judged = judge(without('carrier'));
  assert.equal(judged.accepted, true);
  assert.deepEqual(
    judged.columns,
    ALL.filter((name) => name !== 'carrier'),
  );
  assert.deepEqual(classes(judged), ['SCHEMA_MISSING_COLUMN carrier']);
});

test('a missing feature that may not be null is stored as null and the edit makes it optional', () => {
  const judged = judge(without('seats'));
  assert.equal(judged.accepted, true);
  assert.deepEqual(judged.findings[0]?.edit?.becomes.type, ['null', 'int']);
});

for (const required of ['id', 'event_time', 'late']) {
  test(`a schema without ${required} is refused, and no edit is proposed`, () => {
    const judged = judge(without(required));
    assert.deepEqual([judged.accepted, judged.columns], [false, []]);
    assert.equal(judged.findings[0]?.edit, undefined);
  });
}

test('text for a number is refused and the finding names field, expected and received', () => {
  const judged = judge(changed('distance', { type: ['null', 'string'] }));
  assert.equal(judged.accepted, false);
  assert.deepEqual(classes(judged), ['UNEXPECTED_DATA_TYPE distance']);
  assert.equal(judged.findings[0]?.detail, 'Expected "distance" as double, received string.');
});

test('a new field is accepted, not stored, and found', () => {
  const judged = judge([...FIELDS, { name: 'extra', type: 'long' }]);
  assert.deepEqual([judged.accepted, judged.columns], [true, ALL]);
  assert.deepEqual(classes(judged), ['SCHEMA_NEW_COLUMN extra']);
  assert.deepEqual(judged.findings[0]?.edit?.action, 'add');
});

test('names are case sensitive, and a near miss is pointed out', () => {
  const judged = judge(changed('carrier', { name: 'Carrier' }));
  assert.deepEqual(classes(judged), ['SCHEMA_MISSING_COLUMN carrier', 'SCHEMA_NEW_COLUMN Carrier']);
  assert.match(judged.findings[0]?.detail ?? '', /It has "Carrier"/);
});

const TYPES: readonly (readonly [string, AvroDefinition, boolean, string])[] = [
  ['distance', ['null', 'int'], true, 'FIELD_TYPE_PROMOTED'],
  ['distance', ['null', 'long'], true, 'FIELD_TYPE_PROMOTED'],
  ['distance', ['null', 'float'], true, 'FIELD_TYPE_PROMOTED'],
  ['distance', ['null', 'boolean'], false, 'UNEXPECTED_DATA_TYPE'],
  ['distance', ['null', 'string', 'double'], false, 'UNEXPECTED_DATA_TYPE'],
  ['distance', 'null', true, 'FEATURE_TYPE_NOT_PRESENT'],
  ['distance', { type: 'array', items: 'double' }, false, 'FEATURE_TYPE_UNEXPECTED_REPEATED'],
  ['seats', 'long', false, 'UNEXPECTED_DATA_TYPE'],
  ['seats', 'double', false, 'UNEXPECTED_DATA_TYPE'],
  ['shape', 'double', false, 'VALUE_NESTEDNESS_MISMATCH'],
  ['shape', { type: 'array', items: 'float' }, true, 'FIELD_TYPE_PROMOTED'],
  ['shape', { type: 'array', items: ['null', 'double'] }, false, 'FIELD_NULLABILITY_CHANGED'],
  ['shape', { type: 'array', items: 'string' }, false, 'UNEXPECTED_DATA_TYPE'],
  ['engine', 'string', true, 'UNEXPECTED_DATA_TYPE'],
  ['event_time', 'long', true, 'FIELD_LOGICAL_TYPE_CHANGED'],
  ['event_time', { type: 'long', logicalType: 'timestamp-micros' }, false, 'UNEXPECTED_DATA_TYPE'],
  ['late', ['null', 'int'], false, 'FIELD_NULLABILITY_CHANGED'],
  ['seats', ['null', 'int'], true, 'FIELD_NULLABILITY_CHANGED'],
];

for (const [field, type, accepted, expected] of TYPES) {
  const { default: _, ...bare } = FIELDS.find(({ name }) => name === field) ?? { name: field, type };
  test(`${field} as ${JSON.stringify(type)} is ${accepted ? 'stored' : 'refused'} as ${expected}`, () => {
    const judged = judge(FIELDS.map((one) => (one.name === field ? { ...bare, type } : one)));
    assert.equal(judged.accepted, accepted);
    assert.ok(classes(judged).includes(`${expected} ${field}`), classes(judged).join(', '));
  });
}

test('a symbol outside the domain is stored and found, and the edit widens the domain', () => {
  const type: AvroDefinition = { type: 'enum', name: 'Engine', symbols: ['JET', 'PROP', 'ROTOR'] };
  const judged = judge(changed('engine', { type }));
  assert.equal(judged.accepted, true);
  assert.deepEqual(classes(judged), ['ENUM_TYPE_UNEXPECTED_STRING_VALUES engine']);
  assert.deepEqual(judged.findings[0]?.edit?.becomes['domain'], ['JET', 'PROP', 'ROTOR']);
});

test('another default and another unit are found', () => {
  assert.deepEqual(classes(judge(changed('producer', { default: 'none' }))), [
    'FIELD_DEFAULT_CHANGED producer',
  ]);
  assert.deepEqual(classes(judge(changed('distance', { unit: 'km' }))), ['FIELD_UNIT_CHANGED distance']);
});

test('a writer that uses a name of ours is refused', () => {
  const judged = judge([...FIELDS, { name: '_offset', type: 'long' }]);
  assert.equal(judged.accepted, false);
  assert.deepEqual(classes(judged), ['SCHEMA_RESERVED_COLUMN _offset']);
});

test('a schema that is no record is refused', () => {
  const judged = judgeWriterSchema(CONTRACT, 'string');
  assert.deepEqual([judged.accepted, classes(judged)], [false, ['SCHEMA_NOT_A_RECORD ']]);
});

test('every proposed edit, applied, ends its finding', () => {
  const writers = [
    without('seats'),
    changed('distance', { type: ['null', 'string'] }),
    changed('distance', { unit: 'km' }),
    changed('producer', { default: 'none' }),
    [...FIELDS, { name: 'extra', type: 'long' }],
    changed('seats', { type: ['null', 'int'] }),
  ];
  for (const writer of writers) {
    const [finding] = judge(writer).findings;
    const edit = finding?.edit;
    assert.ok(edit !== undefined, finding?.class);
    const edited =
      edit.action === 'add'
        ? [...FIELDS, edit.becomes]
        : FIELDS.map((field) => (field.name === edit.field ? edit.becomes : field));
    const left = judgeWriterSchema(contract(edited), record(writer)).findings;
    if (finding?.class === 'SCHEMA_MISSING_COLUMN') assert.equal(left[0]?.edit, undefined);
    else assert.deepEqual(left, [], finding?.class);
  }
});

test('classes are listed once', () => {
  assert.equal(new Set(SCHEMA_SKEW_CLASSES).size, SCHEMA_SKEW_CLASSES.length);
});

function classes({ findings }: Judgement): readonly string[] {
  return findings.map((finding) => `${finding.class} ${finding.field}`);
}

function judge(fields: readonly AvroField[]): Judgement {
  return judgeWriterSchema(CONTRACT, record(fields));
}

function without(name: string): readonly AvroField[] {
  return FIELDS.filter((field) => field.name !== name);
}

function changed(name: string, change: Partial<AvroField>): readonly AvroField[] {
  return FIELDS.map((field) => (field.name === name ? { ...field, ...change } : field));
}

function record(fields: readonly AvroField[]): AvroDefinition {
  const decoded = decodeDefinition({ type: 'record', name: 'R', fields });
  assert.ok(decoded.status === 'ok', JSON.stringify(decoded));
  return decoded.definition;
}

function contract(fields: readonly AvroField[]): Contract {
  const args = { model: 'm', stream: 'training', topic: 'training.m', subject: 'training.m-value' } as const;
  const parsed = parseContract({ ...args, definition: record(fields) });
  assert.ok(parsed.status === 'ok', JSON.stringify(parsed));
  return parsed.contract;
}
