import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeDefinition, parseDefinition } from '../../../src/core/avro/definition.ts';
import { resolveDefinition } from '../../../src/core/avro/resolve.ts';
import { typeText } from '../../../src/core/avro/type-text.ts';

const REFUSED: readonly (readonly [string, unknown, RegExp])[] = [
  ['a type nobody defined', record('Nope'), /neither a primitive type nor defined/],
  [
    'a use before the definition',
    record('Later', { type: 'enum', name: 'Later', symbols: ['A'] }),
    /"Later"/,
  ],
  [
    'two fields of one name',
    { type: 'record', name: 'R', fields: [field('a'), field('a')] },
    /two fields named "a"/,
  ],
  ['a field name that is none', { type: 'record', name: 'R', fields: [field('a b')] }, /is not a field name/],
  [
    'the field name __proto__',
    { type: 'record', name: 'R', fields: [field('__proto__')] },
    /is not a field name/,
  ],
  ['a union in a union', record([['null', 'int'], 'string']), /may not hold a union/],
  ['a union with the same type twice', record(['int', 'int']), /two branches of type int/],
  ['an empty union', record([]), /needs a branch/],
  ['a type defined twice', record({ type: 'fixed', name: 'R', size: 1 }), /"R" is defined twice/],
  ['a fixed without size', record({ type: 'fixed', name: 'F' }), /size must be/],
  ['a fixed of no bytes', record({ type: 'fixed', name: 'F', size: 0 }), /size must be/],
  ['an enum with a symbol twice', record({ type: 'enum', name: 'E', symbols: ['A', 'A'] }), /listed twice/],
  [
    'code in a name',
    record({ type: 'enum', name: 'E;process.exit()', symbols: ['A'] }),
    /is not a type name/,
  ],
  ['a number', 7, /expected a type name/],
];

for (const [what, value, expected] of REFUSED) {
  test(`a schema with ${what} is refused with the place`, () => {
    const decoded = decodeDefinition(value);
    assert.ok(decoded.status === 'invalid');
    assert.match(decoded.problems.join('\n'), expected);
  });
}

test('hostile schemas end in a sentence: nested deep, huge, and not JSON', () => {
  const deep = `${'{"type":"array","items":'.repeat(100_000)}"int"${'}'.repeat(100_000)}`;
  for (const text of [deep, 'x'.repeat(2_000_000), '{']) {
    assert.equal(parseDefinition(text).status, 'invalid');
  }
  let nested: unknown = 'int';
  for (let depth = 0; depth < 5_000; depth += 1) nested = { type: 'array', items: nested };
  assert.equal(decodeDefinition(nested).status, 'invalid');
  const wide = {
    type: 'record',
    name: 'R',
    fields: Array.from({ length: 20_000 }, (_, i) => field(`f${i}`)),
  };
  assert.equal(decodeDefinition(wide).status, 'invalid');
});

test('names resolve in the namespace around them, and recursion is a graph', () => {
  const value = {
    type: 'record',
    name: 'Tree',
    namespace: 'a.b',
    fields: [
      { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['LEAF'] } },
      { name: 'again', type: 'Kind' },
      { name: 'full', type: 'a.b.Kind' },
      { name: 'children', type: { type: 'array', items: 'Tree' } },
    ],
  };
  const decoded = decodeDefinition(value);
  assert.ok(decoded.status === 'ok');
  const root = resolveDefinition(decoded.definition);
  assert.ok(root.kind === 'record');
  const [kind, again, full, children] = root.fields.map(({ node }) => node);
  assert.equal(again, kind);
  assert.equal(full, kind);
  assert.ok(children?.kind === 'array');
  assert.equal(children.items, root);
});

test('types have one text each', () => {
  const texts = new Map<unknown, string>([
    ['double', 'double'],
    [{ type: 'long', logicalType: 'timestamp-millis' }, 'timestamp-millis'],
    [{ type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 }, 'decimal(10,2)'],
    [{ type: 'fixed', name: 'F', size: 16 }, 'fixed(16)'],
    [{ type: 'array', items: ['null', 'double'] }, 'array<double?>'],
    [{ type: 'map', values: 'string' }, 'map<string>'],
    [['string', 'double'], 'string|double'],
  ]);
  for (const [value, text] of texts) {
    const decoded = decodeDefinition(value);
    assert.ok(decoded.status === 'ok');
    assert.equal(typeText(resolveDefinition(decoded.definition)), text);
  }
});

function record(...types: readonly unknown[]): unknown {
  return { type: 'record', name: 'R', fields: types.map((type, index) => ({ name: `f${index}`, type })) };
}

function field(name: string): unknown {
  return { name, type: 'int' };
}
