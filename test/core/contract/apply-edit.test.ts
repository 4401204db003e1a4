import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AvroDefinition, AvroField } from '../../../src/core/avro/definition.ts';
import { applyEdits } from '../../../src/core/contract/apply-edit.ts';
import { judgeWriterSchema } from '../../../src/core/contract/judge-writer-schema.ts';
import { parseContract } from '../../../src/core/contract/parse-contract.ts';

const TIME: AvroField = {
  name: 'event_time',
  type: { type: 'long', logicalType: 'timestamp-millis' },
  role: 'event-time',
};
const ID: AvroField = { name: 'id', type: 'string', role: 'id' };
const LABEL: AvroField = { name: 'y', type: 'int', kind: 'boolean', role: 'label' };
const COLOUR: AvroField = {
  name: 'colour',
  type: { type: 'enum', name: 'Colour', symbols: ['RED', 'GREEN'] },
  role: 'feature',
};
const WEIGHT: AvroField = { name: 'weight', type: 'double', role: 'feature', unit: 'kg', presence: 1 };

function record(...fields: AvroField[]): AvroDefinition {
  return { type: 'record', name: 'Example', fields: [ID, TIME, LABEL, ...fields] };
}

function judge(contract: AvroDefinition, writer: AvroDefinition) {
  const parsed = parseContract({
    model: 'm',
    stream: 'training',
    topic: 'training.m',
    subject: 'training.m-value',
    definition: contract,
  });
  assert.ok(parsed.status === 'ok', JSON.stringify(parsed));
  return judgeWriterSchema(parsed.contract, writer).findings;
}

function agreed(contract: AvroDefinition, writer: AvroDefinition): { classes: string[]; left: string[] } {
  const findings = judge(contract, writer);
  const edited = applyEdits(
    contract,
    findings.flatMap(({ edit }) => edit ?? []),
  );
  assert.ok(edited.status === 'ok', JSON.stringify(edited));
  return {
    classes: findings.map(({ class: name }) => name),
    left: judge(edited.definition, writer).map(({ class: name, detail }) => `${name}: ${detail}`),
  };
}

const weight = (change: Partial<AvroField>): AvroField => ({ ...WEIGHT, presence: undefined, ...change });

for (const [expected, writer] of [
  [['SCHEMA_NEW_COLUMN'], record(COLOUR, WEIGHT, { name: 'height', type: 'float' })],
  [['FIELD_UNIT_CHANGED'], record(COLOUR, weight({ unit: 'lb' }))],
  [['UNEXPECTED_DATA_TYPE'], record(COLOUR, weight({ type: 'string', kind: undefined }))],
  [['FIELD_NULLABILITY_CHANGED'], record(COLOUR, weight({ type: ['null', 'double'], default: null }))],
  [['FIELD_DEFAULT_CHANGED'], record(COLOUR, weight({ default: 70 }))],
  [
    ['ENUM_TYPE_UNEXPECTED_STRING_VALUES'],
    record({ ...COLOUR, type: { type: 'enum', name: 'Colour', symbols: ['RED', 'GREEN', 'BLUE'] } }, WEIGHT),
  ],
  [['FIELD_TYPE_PROMOTED', 'FIELD_UNIT_CHANGED'], record(COLOUR, weight({ type: 'float', unit: 'lb' }))],
] as const) {
  test(`the edits proposed for ${expected.join(' and ')} end the difference`, () => {
    const clean: AvroDefinition = JSON.parse(JSON.stringify(writer));
    assert.deepEqual(agreed(record(COLOUR, WEIGHT), clean), { classes: expected, left: [] });
  });
}

test('a field that writers no longer send becomes one that may be missing, and stays a feature', () => {
  const contract = record(COLOUR, WEIGHT);
  const [finding] = judge(contract, record(COLOUR));
  assert.equal(finding?.class, 'SCHEMA_MISSING_COLUMN');
  const edited = applyEdits(contract, finding?.edit === undefined ? [] : [finding.edit]);
  assert.deepEqual(edited, {
    status: 'ok',
    definition: record(COLOUR, {
      name: 'weight',
      type: ['null', 'double'],
      role: 'feature',
      unit: 'kg',
      default: null,
    }),
  });
});

test('edits that do not fit are refused together', () => {
  const becomes: AvroField = { name: 'height', type: 'float', role: 'feature' };
  assert.deepEqual(
    applyEdits(record(WEIGHT), [
      { action: 'replace', field: 'height', becomes },
      { action: 'add', field: 'weight', becomes: WEIGHT },
    ]),
    {
      status: 'invalid',
      problems: [
        'The contract has no field "height" to replace.',
        'The contract has already a field "weight" to add.',
      ],
    },
  );
  assert.equal(applyEdits('string', []).status, 'invalid');
  const twice: AvroField = { ...COLOUR, name: 'other' };
  const edited = applyEdits(record(COLOUR), [{ action: 'add', field: 'other', becomes: twice }]);
  assert.ok(edited.status === 'invalid' && /Colour/.test(edited.problems.join()));
});
