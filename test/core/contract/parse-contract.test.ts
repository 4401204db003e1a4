import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type AvroDefinition, type AvroField, parseDefinition } from '../../../src/core/avro/definition.ts';
import { STREAMS, type Stream } from '../../../src/core/contract/contract.ts';
import { type ParsedContract, parseContract } from '../../../src/core/contract/parse-contract.ts';

const ID: AvroField = { name: 'id', type: 'string', role: 'id' };
const TIME: AvroField = {
  name: 'event_time',
  type: { type: 'long', logicalType: 'timestamp-millis' },
  role: 'event-time',
};
const FEATURE: AvroField = { name: 'x', type: ['null', 'double'], default: null, role: 'feature' };
const LABEL: AvroField = { name: 'y', type: 'int', kind: 'boolean', role: 'label' };

test('the demo schemas are contracts, with every attribute read', () => {
  for (const stream of STREAMS) {
    const parsed = parse(demo(stream), stream);
    assert.equal(parsed.status, 'ok');
  }
  const serving = parse(demo('serving'), 'serving');
  assert.ok(serving.status === 'ok');
  assert.deepEqual(serving.warnings, []);
  const distance = serving.contract.fields.find(({ name }) => name === 'distance_mi');
  assert.deepEqual(
    { ...distance, registered: undefined },
    {
      name: 'distance_mi',
      role: 'feature',
      kind: 'numeric',
      avro: 'double',
      nullable: true,
      unit: 'mi',
      tolerance: { absolute: 0.5, relative: 0 },
      range: { min: 1, max: 6000 },
      presence: 1,
      registered: undefined,
    },
  );
});

test('a field without a role is ignored and warned about', () => {
  const parsed = parse(record([ID, TIME, FEATURE, LABEL, { name: 'note', type: 'string' }]));
  assert.ok(parsed.status === 'ok');
  assert.equal(parsed.contract.fields.at(-1)?.role, 'ignore');
  assert.deepEqual(parsed.warnings, ['Field "note" has no role: it is stored, and not watched.']);
});

test('an entity is a field of its own or named by a feature, and must be one that compares exactly', () => {
  const station: AvroField = { name: 'station', type: 'string', role: 'segment' };
  const reading: AvroField = { ...FEATURE, name: 'reading', entity: 'station' };
  const customer: AvroField = { name: 'customer', type: 'long', role: 'entity' };
  const parsed = parse(record([ID, TIME, FEATURE, LABEL, station, reading, customer]));
  assert.ok(parsed.status === 'ok', JSON.stringify(parsed));
  const [x, other] = ['x', 'reading'].map((name) => parsed.contract.fields.find((one) => one.name === name));
  assert.deepEqual([x?.entity, other?.entity], [undefined, 'station']);

  const problems = (...fields: AvroField[]) => {
    const wrong = parse(record([ID, TIME, FEATURE, LABEL, ...fields]));
    return wrong.status === 'invalid' ? wrong.problems : [];
  };
  assert.deepEqual(problems(reading), ['Field "reading": its entity "station" is no field of this record.']);
  assert.deepEqual(problems(customer, { ...customer, name: 'shop' }), [
    'Fields "customer" and "shop" both have the role entity; features of another entity name its field with the attribute entity.',
  ]);
  assert.deepEqual(problems({ ...customer, type: 'double' }), [
    'Field "customer": an entity is of type string, uuid, enum, int, long, not double.',
  ]);
  assert.deepEqual(problems(station, { ...reading, entity: 7 }), [
    'Field "reading": entity must be the name of the field that says which entity the value belongs to.',
  ]);
});

test('a kind that is not stated follows from the Avro type', () => {
  const kinds: readonly (readonly [AvroDefinition, string])[] = [
    ['string', 'categorical'],
    [{ type: 'enum', name: 'E', symbols: ['A'] }, 'categorical'],
    ['boolean', 'boolean'],
    ['long', 'numeric'],
    ['double', 'numeric'],
    [{ type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 }, 'numeric'],
    [{ type: 'int', logicalType: 'date' }, 'timestamp'],
    [{ type: 'array', items: 'float' }, 'embedding'],
    [{ type: 'string', logicalType: 'uuid' }, 'text'],
  ];
  for (const [type, kind] of kinds) {
    const parsed = parse(record([ID, TIME, { name: 'x', type, role: 'feature' }, LABEL]));
    assert.ok(parsed.status === 'ok', JSON.stringify(parsed));
    assert.equal(parsed.contract.fields[2]?.kind, kind);
  }
});

test('a label that is a whole number is 0 or 1 unless it says otherwise', () => {
  const kindOf = (label: AvroField) => {
    const parsed = parse(record([ID, TIME, FEATURE, label]));
    assert.ok(parsed.status === 'ok', JSON.stringify(parsed));
    return parsed.contract.fields.at(-1)?.kind;
  };
  const label = { name: 'y', role: 'label' } as const;
  assert.deepEqual(
    [
      { ...label, type: 'int' },
      { ...label, type: 'long', kind: 'numeric' },
      { ...label, type: 'double' },
      { ...label, type: 'boolean' },
    ].map(kindOf),
    ['boolean', 'numeric', 'numeric', 'boolean'],
  );
});

test('the symbols of an enum are its domain', () => {
  const type: AvroDefinition = { type: 'enum', name: 'E', symbols: ['A', 'B'] };
  const parsed = parse(record([ID, TIME, { name: 'x', type, role: 'feature' }, LABEL]));
  assert.ok(parsed.status === 'ok');
  assert.deepEqual(parsed.contract.fields[2]?.domain, ['A', 'B']);
});

const REFUSED: readonly (readonly [string, readonly AvroField[], RegExp])[] = [
  ['no id', [TIME, FEATURE, LABEL], /exactly one field with role id; this one has 0/],
  [
    'two ids',
    [ID, { ...ID, name: 'id2' }, TIME, FEATURE, LABEL],
    /exactly one field with role id; this one has 2/,
  ],
  [
    'a nullable id',
    [{ ...ID, type: ['null', 'string'] }, TIME, FEATURE, LABEL],
    /the id may not be nullable/,
  ],
  ['an id of doubles', [{ ...ID, type: 'double' }, TIME, FEATURE, LABEL], /an id is of type string/],
  ['no event time', [ID, FEATURE, LABEL], /role event-time; this one has 0/],
  ['another name for it', [ID, { ...TIME, name: 'when' }, FEATURE, LABEL], /must be named event_time/],
  ['an event time in days', [ID, { ...TIME, type: 'int' }, FEATURE, LABEL], /an event time is of type/],
  ['no feature', [ID, TIME, LABEL], /at least one field with role feature/],
  ['no label', [ID, TIME, FEATURE], /exactly one field with role label/],
  [
    'a nullable label',
    [ID, TIME, FEATURE, { ...LABEL, type: ['null', 'int'] }],
    /the label may not be nullable/,
  ],
  ['a reserved name', [ID, TIME, { ...FEATURE, name: '_offset' }, LABEL], /begin with _ are reserved/],
  [
    'a nullable array',
    [ID, TIME, { ...FEATURE, type: ['null', { type: 'array', items: 'double' }] }, LABEL],
    /loses the difference between null and empty/,
  ],
  [
    'a map for a feature',
    [ID, TIME, { name: 'm', type: { type: 'map', values: 'double' }, role: 'feature' }, LABEL],
    /cannot be watched; flatten it/,
  ],
  ['an unknown role', [ID, TIME, { ...FEATURE, role: 'featur' }, LABEL], /role must be one of feature/],
  [
    'a kind that does not fit',
    [ID, TIME, { ...FEATURE, kind: 'categorical' }, LABEL],
    /does not fit the type double/,
  ],
  ['an empty range', [ID, TIME, { ...FEATURE, range: { min: 2, max: 1 } }, LABEL], /min at most max/],
  [
    'a range of a category',
    [ID, TIME, { ...FEATURE, type: 'string', range: { min: 1 } }, LABEL],
    /range is for numbers/,
  ],
  ['a negative tolerance', [ID, TIME, { ...FEATURE, tolerance: { absolute: -1 } }, LABEL], /both 0 or more/],
  ['presence in percent', [ID, TIME, { ...FEATURE, presence: 99 }, LABEL], /share from 0 to 1/],
  ['a domain of numbers', [ID, TIME, { ...FEATURE, type: 'string', domain: [1] }, LABEL], /list of texts/],
];

for (const [what, fields, expected] of REFUSED) {
  test(`a contract with ${what} is refused with a sentence`, () => {
    const parsed = parse(record(fields));
    assert.ok(parsed.status === 'invalid');
    assert.match(parsed.problems.join('\n'), expected);
  });
}

test('a serving contract needs its prediction and its version', () => {
  const parsed = parse(record([ID, TIME, FEATURE]), 'serving');
  assert.ok(parsed.status === 'invalid');
  assert.equal(parsed.problems.length, 2);
});

test('a model name that is no table name is refused', () => {
  const args = { stream: 'training', topic: 't', subject: 's' } as const;
  const parsed = parseContract({ ...args, model: 'a-b', definition: record([ID, TIME, FEATURE, LABEL]) });
  assert.equal(parsed.status, 'invalid');
});

function parse(definition: AvroDefinition, stream: Stream = 'training'): ParsedContract {
  return parseContract({
    model: 'm',
    stream,
    topic: `${stream}.m`,
    subject: `${stream}.m-value`,
    definition,
  });
}

function record(fields: readonly AvroField[]): AvroDefinition {
  return { type: 'record', name: 'R', fields };
}

function demo(stream: Stream): AvroDefinition {
  const file = new URL(`../../../deploy/demo/schemas/${stream}.flights.avsc`, import.meta.url);
  const decoded = parseDefinition(readFileSync(file, 'utf8'));
  assert.ok(decoded.status === 'ok');
  return decoded.definition;
}
