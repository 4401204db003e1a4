import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FingerprintName } from '../../../src/core/fingerprints/candidate.ts';
import { type Fingerprint, nameFingerprint } from '../../../src/core/fingerprints/name-fingerprint.ts';
import type { Pair, Value } from '../../../src/core/fingerprints/pair.ts';
import type { FeatureKind } from '../../../src/core/fingerprints/pair-context.ts';
import { seededRandom } from '../../../src/core/random.ts';

/** 24 readings between 12.3 and 88.4 with one decimal, and what a cause makes of them. */
const READINGS = [
  23.4, 71.8, 45.1, 12.3, 88.4, 64.9, 37.2, 50.6, 29.7, 81.5, 18.8, 55.3, 41.9, 67.2, 33.6, 76.1, 25.8, 59.4,
  47.7, 84.2, 15.9, 62.3, 38.5, 70.1,
];
const NAMES = [
  'Zoë Ångström',
  'José Núñez',
  'Anna Müller',
  'Łukasz Wójcik',
  'Chloé Lefèvre',
  'Søren Åkesson',
  'Inés Peña',
  'Jürgen Groß',
  'Élise Dubois',
  'Märta Öberg',
  'Renée Côté',
  'Björn Ström',
  'Aña Gómez',
  'Noël Brontë',
  'Lóránt Kéri',
  'Håkon Bøe',
  'Žofie Nováková',
  'Raúl Ibáñez',
  'Günter Weiß',
  'Amélie Pré',
  'Sinéad Ó Sé',
  'Dániel Tóth',
];

function pairsOf(values: readonly Value[], change: (value: Value, at: number) => Value): Pair[] {
  return values.map((training, at) => ({ id: `id-${at}`, training, serving: change(training, at) }));
}

const number = (change: (x: number) => number) => (value: Value) =>
  typeof value === 'number' ? change(value) : value;
const text = (change: (x: string) => string) => (value: Value) =>
  typeof value === 'string' ? change(value) : value;

function nameOf(fingerprint: Fingerprint): string {
  return fingerprint.status === 'named' ? fingerprint.name : fingerprint.status;
}

const NUMERIC: readonly [FingerprintName, RegExp, (x: number) => Value][] = [
  ['unit', /training x 1000/, (x) => x * 1_000],
  ['unit', /training \/ 100$/, (x) => x / 100],
  ['unit', /\(training - 32\) x 5\/9 \(unit: degF sent as degC\)/, (x) => ((x - 32) * 5) / 9],
  ['unit', /training x 3.7 \(no unit/, (x) => x * 3.7],
  ['unit', /sign turned/, (x) => -x],
  ['offset', /training \+ 7.25/, (x) => x + 7.25],
  ['default-filled', /is -999 instead/, () => -999],
  ['default-filled', /is NaN instead/, () => Number.NaN],
  ['missing', /no value/, () => null],
  ['truncation', /cut to whole numbers/, (x) => Math.trunc(x)],
  ['rounding', /rounded to whole numbers/, (x) => Math.round(x)],
  ['rounding', /rounded up to whole numbers/, (x) => Math.ceil(x)],
  ['log', /ln\(training\)/, (x) => Math.log(x)],
  ['log', /ln\(1 \+ training\)/, (x) => Math.log1p(x)],
  ['standardised', /standardised/, (x) => (x - 50.07) / 22.5],
];
for (const [name, parameters, change] of NUMERIC) {
  test(`${name} is named from 24 readings: ${parameters.source}`, () => {
    const pairs = pairsOf(READINGS, (value) => (typeof value === 'number' ? change(value) : value));
    const answer = nameFingerprint({ pairs, kind: 'numeric', unit: 'degF' });
    assert.equal(nameOf(answer), name, JSON.stringify(answer));
    assert.ok(answer.status === 'named');
    assert.match(answer.parameters, parameters);
    // Values that rounding leaves as they are would not be mismatches; here all are.
    assert.ok(answer.coverage > 0.9, JSON.stringify(answer));
  });
}

const TEXTS: readonly [FingerprintName, RegExp, (x: string) => string][] = [
  ['case', /capitals/, (x) => x.toUpperCase()],
  ['case', /small letters$/, (x) => x.toLowerCase()],
  ['unicode', /form D/, (x) => x.normalize('NFD')],
  ['whitespace', /without spaces$/, (x) => x.replaceAll(' ', '')],
  ['whitespace', /a space after/, (x) => `${x} `],
  ['truncation', /first 4 characters/, (x) => [...x].slice(0, 4).join('')],
  ['default-filled', /"unknown"/, () => 'unknown'],
  ['default-filled', /""/, () => ''],
];
for (const [name, parameters, change] of TEXTS) {
  test(`${name} is named from 22 names of people: ${parameters.source}`, () => {
    const answer = nameFingerprint({ pairs: pairsOf(NAMES, text(change)), kind: 'text' });
    assert.equal(nameOf(answer), name, JSON.stringify(answer));
    assert.ok(answer.status === 'named');
    assert.match(answer.parameters, parameters);
  });
}

test('UTF-8 read as Latin-1 is named', () => {
  const answer = nameFingerprint({
    pairs: pairsOf(
      NAMES,
      text((x) => Buffer.from(x, 'utf8').toString('latin1')),
    ),
    kind: 'text',
  });
  assert.ok(
    answer.status === 'named' && /UTF-8 read as Latin-1/.test(answer.parameters),
    JSON.stringify(answer),
  );
});

test('null and zero are told apart from a default', () => {
  const filled = pairsOf(
    Array.from({ length: 20 }, () => null),
    () => 0,
  );
  const matching = pairsOf(READINGS, (x) => x);
  assert.equal(nameOf(nameFingerprint({ pairs: filled, matching, kind: 'numeric' })), 'null to zero');
  const lost = pairsOf(
    Array.from({ length: 20 }, () => 0),
    () => null,
  );
  assert.equal(nameOf(nameFingerprint({ pairs: lost, matching, kind: 'numeric' })), 'zero to null');
});

test('a swapped column is named by the column it came from', () => {
  const pairs = READINGS.map((training, at): Pair => {
    const dew = READINGS[(at * 7 + 3) % READINGS.length] ?? 0;
    return { id: `${at}`, training, serving: dew, others: { dew_point: { training: dew, serving: dew } } };
  }).filter(({ training, serving }) => training !== serving);
  const answer = nameFingerprint({ pairs, kind: 'numeric' });
  assert.ok(answer.status === 'named' && answer.name === 'swapped columns', JSON.stringify(answer));
  assert.match(answer.parameters, /dew_point/);
});

test('a stale value is named by how far back it lies', () => {
  const pairs = READINGS.map((training, at): Pair => {
    const earlier = [1, 2, 3].map((back) => ({
      agoMs: back * 600_000,
      value: READINGS[(at + 5 * back) % 24] ?? 0,
    }));
    return { id: `${at}`, training, serving: earlier[1]?.value ?? null, earlier };
  });
  const answer = nameFingerprint({ pairs, kind: 'numeric' });
  assert.ok(answer.status === 'named' && answer.name === 'stale', JSON.stringify(answer));
  assert.match(answer.parameters, /2 before|15 min/);
});

test('clipping is told from a default by all changed values lying beyond the bound', () => {
  const values = Array.from({ length: 60 }, (_, at) => 10 + at * 1.5);
  const all = pairsOf(
    values,
    number((x) => Math.min(x, 55)),
  );
  const pairs = all.filter(({ training, serving }) => training !== serving);
  const matching = all.filter(({ training, serving }) => training === serving);
  const answer = nameFingerprint({ pairs, matching, kind: 'numeric' });
  assert.ok(answer.status === 'named' && answer.name === 'clipped', JSON.stringify(answer));
  assert.match(answer.parameters, /at most 55/);
  const anywhere = values
    .slice(0, 29)
    .map((training, at): Pair => ({ id: `${at}`, training: training * 2, serving: 55 }));
  assert.equal(nameOf(nameFingerprint({ pairs: anywhere, matching, kind: 'numeric' })), 'default-filled');
});

test('a permutation of codes is named with its entries', () => {
  const codes = ['AA', 'B6', 'DL', 'EV', 'MQ', 'UA'];
  const values = Array.from({ length: 30 }, (_, at) => codes[at % 6] ?? '');
  const answer = nameFingerprint({
    pairs: pairsOf(
      values,
      (value) => ({ AA: 'DL', DL: 'B6', B6: 'UA', UA: 'EV', EV: 'MQ', MQ: 'AA' })[String(value)] ?? '',
    ),
    kind: 'categorical',
  });
  assert.ok(answer.status === 'named' && answer.name === 'code permutation', JSON.stringify(answer));
  assert.match(answer.parameters, /"AA" to "DL"/);
});

test('codes that moved on by one in their order are named as that', () => {
  const codes = ['AA', 'B6', 'DL', 'EV', 'MQ', 'UA'];
  const values = Array.from({ length: 20 }, (_, at) => codes[at % 6] ?? '');
  const answer = nameFingerprint({
    pairs: pairsOf(values, (value) => codes[(codes.indexOf(String(value)) + 1) % 6] ?? ''),
    kind: 'categorical',
  });
  assert.ok(answer.status === 'named' && answer.name === 'code permutation', JSON.stringify(answer));
  assert.match(answer.parameters, /1 after it in alphabetical order/);
});

test('a wrong join is named when the other features of the same examples are wrong too', () => {
  const joined = READINGS.map((training, at): Pair => {
    const from = (at * 5 + 7) % 24;
    const other = (k: number) => ({
      training: READINGS[(at + k) % 24] ?? 0,
      serving: READINGS[(from + k) % 24] ?? 0,
    });
    return {
      id: `${at}`,
      training,
      serving: READINGS[from] ?? 0,
      others: { a: other(3), b: other(8), c: other(11) },
    };
  }).filter(({ training, serving }) => training !== serving);
  assert.equal(nameOf(nameFingerprint({ pairs: joined, kind: 'numeric' })), 'wrong join');
  const alone = joined.map(
    (pair): Pair => ({
      id: pair.id,
      training: pair.training,
      serving: Number(pair.serving) * 1.01 + (Number(pair.id) % 5),
    }),
  );
  assert.equal(nameOf(nameFingerprint({ pairs: alone, kind: 'numeric' })), 'no single cause');
});

test('columns that were all recoded alike, a fifth of their rows otherwise, are no wrong join', () => {
  const codes = ['AA', 'B6', 'DL', 'EV', 'MQ'];
  const recoded = Array.from({ length: 40 }, (_, at): Pair => {
    const code = (by: number) => codes[(at * by + (at >> 2)) % 5] ?? '';
    const both = (training: string) => ({
      training,
      serving: codes[(codes.indexOf(training) + (at % 5 === 0 ? 1 + (at % 3) : 2)) % 5] ?? '',
    });
    return {
      id: `${at}`,
      ...both(code(1)),
      others: { a: both(code(2)), b: both(code(3)), c: both(code(4)) },
    };
  });
  const answer = nameFingerprint({ pairs: recoded, kind: 'categorical' });
  assert.equal(nameOf(answer), 'code permutation', JSON.stringify(answer));
});

/** 20 ids of a count, none of them 0, four of them unrelated, and 200 examples on which both sides agree. */
function counts(change: (x: number, jitter: number) => number): { pairs: Pair[]; matching: Pair[] } {
  const random = seededRandom(11);
  const draw = () => 1 + Math.floor(-2 * Math.log(1 - random()));
  const jitters = [-0.31, 0.12, 0.58, -0.08, 0.22, -0.45, 0.03, 0.36, -0.59, 0.27];
  const values = Array.from({ length: 20 }, draw);
  return {
    pairs: pairsOf(values, (x, at) => (at < 16 ? change(Number(x), jitters[at % 10] ?? 0) : Number(x) + 3)),
    matching: pairsOf(
      Array.from({ length: 200 }, () => draw() - 1),
      (x) => x,
    ),
  };
}

test('zeros beside the whole numbers of a count are a default, though two fifths of the counts are 0', () => {
  const answer = nameFingerprint({ ...counts((_, jitter) => jitter), kind: 'numeric' });
  assert.ok(answer.status === 'named' && answer.name === 'default-filled', JSON.stringify(answer));
  assert.match(answer.parameters, /^serving is 0 instead/);
});

test('a unit is named though the reading was jittered before, and a step of it became a hundred', () => {
  const answer = nameFingerprint({ ...counts((x, jitter) => 100 * (x + jitter)), kind: 'numeric' });
  assert.ok(answer.status === 'named' && answer.name === 'unit', JSON.stringify(answer));
  assert.match(answer.parameters, /training x 100$/);
});

test('a default below all training values is no bound', () => {
  const answer = nameFingerprint({ pairs: pairsOf(READINGS, () => 0), kind: 'numeric' });
  assert.ok(answer.status === 'named' && answer.name === 'default-filled', JSON.stringify(answer));
  assert.deepEqual(answer.alsoPossible, []);
});

test('an hour of the day in another zone goes round at midnight', () => {
  const hours = Array.from({ length: 24 }, (_, at) => (at * 7) % 24);
  const answer = nameFingerprint({
    pairs: pairsOf(
      hours,
      number((x) => (x + 20) % 24),
    ),
    kind: 'numeric',
    unit: 'hour',
  });
  assert.ok(answer.status === 'named' && answer.name === 'time zone', JSON.stringify(answer));
  assert.match(answer.parameters, /4 h earlier/);
});

test('a timestamp is shifted by a zone, not by an offset, when it is a quarter hour', () => {
  const times = READINGS.map((x, at) => 1_700_000_000_000 + Math.round(x * 1e7) + at * 1_000);
  const zone = nameFingerprint({
    pairs: pairsOf(
      times,
      number((x) => x - 18_000_000),
    ),
    kind: 'timestamp',
  });
  assert.ok(zone.status === 'named' && zone.name === 'time zone', JSON.stringify(zone));
  assert.deepEqual(zone.alsoPossible, []);
  const shift = nameFingerprint({
    pairs: pairsOf(
      times,
      number((x) => x - 17_000_123),
    ),
    kind: 'timestamp',
  });
  assert.equal(nameOf(shift), 'offset');
});

test('stale and time zone on a fixed cadence are reported both, whichever comes first', () => {
  const hour = 3_600_000;
  const pairs = READINGS.map((x, at): Pair => {
    const training = 1_700_000_000_000 + Math.round(x * 100) * hour;
    return {
      id: `${at}`,
      training,
      serving: training - hour,
      earlier: [{ agoMs: hour, value: training - hour }],
    };
  });
  const answer = nameFingerprint({ pairs, kind: 'timestamp' });
  assert.ok(answer.status === 'named' && answer.name === 'stale', JSON.stringify(answer));
  assert.deepEqual(
    answer.alsoPossible.map(({ name }) => name),
    ['time zone'],
  );
  const fine = pairs.map((pair): Pair => ({ ...pair, others: { x: { training: 1, serving: 1 } } }));
  const other = nameFingerprint({ pairs: fine, kind: 'timestamp' });
  assert.ok(other.status === 'named' && other.name === 'time zone', JSON.stringify(other));
  assert.deepEqual(
    other.alsoPossible.map(({ name }) => name),
    ['stale'],
  );
});

test('on a nearly constant feature unit and offset are both reported', () => {
  const values = Array.from({ length: 24 }, (_, at) => 100 + ((at * 7) % 5) / 100);
  const answer = nameFingerprint({
    pairs: pairsOf(
      values,
      number((x) => x / 10),
    ),
    kind: 'numeric',
  });
  assert.ok(answer.status === 'named' && answer.name === 'unit', JSON.stringify(answer));
  const coarse = nameFingerprint({
    pairs: pairsOf(
      values,
      number((x) => Number((x * 1.024).toFixed(2))),
    ),
    kind: 'numeric',
  });
  assert.ok(coarse.status === 'named', JSON.stringify(coarse));
  assert.deepEqual(
    new Set([coarse.name, ...coarse.alsoPossible.map(({ name }) => name)]),
    new Set(['unit', 'offset']),
  );
});

test('a name needs two fifths of the ids', () => {
  const mixed = (share: number) =>
    pairsOf([...READINGS, ...READINGS.map((x) => x + 0.3)], (value, at) =>
      at % 10 < share * 10 ? Number(value) * 1_000 : Number(value) + ((at * 37) % 91) - 45.2,
    );
  assert.equal(nameOf(nameFingerprint({ pairs: mixed(0.5), kind: 'numeric' })), 'unit');
  assert.equal(nameOf(nameFingerprint({ pairs: mixed(0.3), kind: 'numeric' })), 'no single cause');
});

test('noise has no single cause, and few ids are insufficient', () => {
  const random = seededRandom(5);
  const noisy = pairsOf(
    READINGS,
    number((x) => Number((x + 40 * random() - 20).toFixed(1))),
  );
  assert.deepEqual(nameFingerprint({ pairs: noisy, kind: 'numeric' }), { status: 'no single cause', n: 24 });
  assert.deepEqual(nameFingerprint({ pairs: noisy.slice(0, 7), kind: 'numeric' }), {
    status: 'insufficient',
    need: 20,
    have: 7,
  });
  assert.deepEqual(nameFingerprint({ pairs: [], kind: 'text' }), {
    status: 'insufficient',
    need: 20,
    have: 0,
  });
});

test('hostile values never make a name, a NaN or an exception', () => {
  const hostile: Value[] = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -0,
    0,
    1e308,
    -1e308,
    5e-324,
    null,
    '',
    ' ',
    '\u0000',
    '\ud800',
    '👩‍👩‍👧',
    '\u202e',
    'ﬀ',
    'I',
    'ı',
    'ß',
    'NaN',
    '__proto__',
    'constructor',
  ];
  const pairs = hostile.map(
    (training, at): Pair => ({
      id: `${at}`,
      training,
      serving: hostile[(at * 9 + 4) % hostile.length] ?? null,
      others: { ['__proto__x']: { training, serving: null } },
      earlier: [],
    }),
  );
  for (const kind of ['numeric', 'timestamp', 'categorical', 'text'] as const) {
    const answer = nameFingerprint({ pairs, kind });
    assert.doesNotMatch(JSON.stringify(answer), /"bits":null/);
    assert.equal(answer.status, 'no single cause', `${kind} ${JSON.stringify(answer)}`);
  }
});

test('the order of pairs does not matter', () => {
  const value = fc.oneof(
    fc.double(),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom<Value>(null, '', 'a', 'A', 'a ', 'b', Number.NaN),
  );
  const pair = fc.record({ training: value, serving: value });
  const kinds = fc.constantFrom<FeatureKind>('numeric', 'timestamp', 'categorical', 'text');
  fc.assert(
    fc.property(
      fc.array(pair, { maxLength: 40 }),
      kinds,
      fc.infiniteStream(fc.nat()),
      (values, kind, keys) => {
        const pairs = values.map((one, at): Pair => ({ id: `id-${at}`, ...one }));
        const shuffled = pairs
          .map((one) => ({ one, key: Number(keys.next().value) }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const [half, other] = [pairs.slice(0, 30), pairs.slice(30)];
        const inHalf = (one: Pair) => half.includes(one);
        assert.deepEqual(
          nameFingerprint({
            pairs: shuffled.filter(inHalf),
            matching: shuffled.filter((one) => !inHalf(one)),
            kind,
          }),
          nameFingerprint({ pairs: half, matching: other, kind }),
        );
      },
    ),
    { numRuns: 60 },
  );
});
