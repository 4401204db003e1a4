import { type Random, randomBelow } from '../../random.ts';

/**
 * Text that a registry could hold under an id: huge, deep, doubling, containing itself, with names that
 * JavaScript gives a meaning to, or not a schema at all. Anybody who may register a schema, under whatever
 * subject, can make ingest read one by sending its id.
 */
export function hostileSchema(random: Random): string {
  const makers = [wide, long, deep, doubling, doublingOfNothing, cyclic, hungry, names, broken, many];
  const make = makers[randomBelow(random, makers.length)] ?? wide;
  return make(random);
}

const TIME = { name: 'event_time', type: { type: 'long', logicalType: 'timestamp-millis' } };

function record(name: string, fields: readonly unknown[]): unknown {
  return { type: 'record', name, fields };
}

/** Thousands of fields, sometimes beyond the cap. */
function wide(random: Random): string {
  const fields = Array.from({ length: randomBelow(random, 12_000) }, (_, i) => ({
    name: `f${i}`,
    type: ['null', 'double'],
  }));
  return JSON.stringify(record('Wide', [TIME, ...fields]));
}

/** Names and documentation of many letters. */
function long(random: Random): string {
  const size = randomBelow(random, 1_200_000);
  return JSON.stringify(
    record('Long', [TIME, { name: 'a'.repeat(size / 2), type: 'int', doc: 'd'.repeat(size / 2) }]),
  );
}

/** Lists of lists of lists, up to more than a JSON reader's stack bears. */
function deep(random: Random): string {
  const levels = random() < 0.3 ? 20_000 : randomBelow(random, 100);
  return `${'{"type":"array","items":'.repeat(levels)}"int"${'}'.repeat(levels)}`;
}

/** Each type holds the one before twice: a few lines that stand for billions of fields. */
function doubling(random: Random): string {
  return doublingFrom({ name: 'n', type: 'int' }, random);
}

/** The same, and no value of it has a byte. */
function doublingOfNothing(random: Random): string {
  return doublingFrom({ name: 'n', type: 'null' }, random);
}

function doublingFrom(leaf: unknown, random: Random): string {
  let inner: unknown = record('D0', [leaf]);
  const levels = 5 + randomBelow(random, 28);
  for (let level = 1; level <= levels; level += 1) {
    inner = record(`D${level}`, [
      { name: 'a', type: inner },
      { name: 'b', type: `D${level - 1}` },
    ]);
  }
  return JSON.stringify(record('Top', [TIME, { name: 'd', type: inner }]));
}

/** Contains itself, so that no value of it ends. */
function cyclic(random: Random): string {
  const inside = random() < 0.5 ? 'C' : ['C'];
  return JSON.stringify(record('C', [TIME, { name: 'c', type: inside }]));
}

/** Contains itself in lists and maps of itself. */
function hungry(): string {
  const nodes = { type: 'map', values: { type: 'array', items: ['null', 'H'] } };
  return JSON.stringify(record('H', [TIME, { name: 'h', type: nodes }]));
}

/** Names that mean something to JavaScript, and our own. */
function names(random: Random): string {
  const all = [
    '__proto__',
    'constructor',
    'toString',
    '_offset',
    '_partition',
    '_schema_id',
    'then',
    'length',
  ];
  const fields = all.filter(() => random() < 0.4).map((name) => `{"name":"${name}","type":"string"}`);
  return `{"type":"record","name":"${random() < 0.3 ? '__proto__' : 'N'}","fields":[${[JSON.stringify(TIME), ...fields].join(',')}]}`;
}

/** Not JSON, or JSON that is not a schema. */
function broken(random: Random): string {
  const texts = [
    '',
    '{',
    'null',
    '[]',
    '[[]]',
    '{"type":"record"}',
    '"nobody"',
    '{"type":{"type":"int"}}',
    '1e999',
  ];
  return texts[randomBelow(random, texts.length)] ?? '';
}

/** A union of thousands. */
function many(random: Random): string {
  const length = 1 + randomBelow(random, 9_000);
  const branches = Array.from({ length }, (_, i) => ({ type: 'fixed', name: `B${i}`, size: 1 + (i % 9) }));
  return JSON.stringify(record('Many', [TIME, { name: 'u', type: branches }]));
}
