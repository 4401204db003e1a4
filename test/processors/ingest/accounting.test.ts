import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { AvroDefinition } from '../../../src/core/avro/definition.ts';
import { eventId, isUuid } from '../../../src/core/uuid.ts';
import { count } from '../../../src/io/clickhouse/columns.ts';
import { openCodec } from '../../../src/io/registry/codec.ts';
import { avscAgrees, isExactly } from '../../fixtures/avro-oracle.ts';
import {
  EXAMPLE,
  exampleOf,
  framed,
  openRig,
  type Rig,
  START_MS,
  typeOf,
} from '../../fixtures/ingest-rig.ts';
import { stack } from '../../fixtures/stack.ts';
import { until } from '../../fixtures/until.ts';

test('each way in which a message can be wrong has its reason, its row and its record on the topic', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  const foreign = changed((field) =>
    field.name === 'amount' ? { ...field, type: ['null', 'string'] } : field,
  );
  const foreignId = await rig.registry.register({ subject: `${rig.model}-own-value`, definition: foreign });
  const shorter = changed((field) => (field.name === 'amount' ? undefined : field));
  const shorterId = await rig.registry.register({ subject: rig.contract.subject, definition: shorter });
  const good = rig.type.toBuffer(exampleOf(1));
  const { amount: _, ...withoutAmount } = exampleOf(2);
  const cases: readonly (readonly [string, Buffer | null])[] = [
    ['stored', framed(rig.schemaId, good)],
    ['stored', framed(shorterId, typeOf(shorter).toBuffer(withoutAmount))],
    ['tombstone', null],
    ['empty', Buffer.alloc(0)],
    ['not-framed', Buffer.from([0, 0, 1])],
    ['not-framed', Buffer.from('{"json": true}')],
    ['unknown-schema', framed(999_999_999, good)],
    ['foreign-schema', framed(foreignId, typeOf(foreign).toBuffer({ ...exampleOf(3), amount: 'much' }))],
    ['truncated', framed(rig.schemaId, good.subarray(0, -2))],
    ['trailing-bytes', framed(rig.schemaId, Buffer.concat([good, Buffer.from('x')]))],
    ['malformed', framed(rig.schemaId, Buffer.from([2, 97, 0, 6]))],
    ['stored', framed(rig.schemaId, rig.type.toBuffer(exampleOf(4)))],
  ];
  await rig.send(cases.map(([, value], i) => ({ key: `k${i}`, value })));
  const ingest = await rig.start();
  await ingest.settled();

  const letters = await rig.letters();
  const expected = cases.flatMap(([reason], offset) =>
    ['stored', 'tombstone'].includes(reason) ? [] : [[offset, reason]],
  );
  assert.deepEqual(
    letters.map(({ offset, reason }) => [offset, reason]),
    expected,
  );
  assert.deepEqual(await rig.totals(), {
    consumed: 12,
    stored: 3,
    dead_letters: 8,
    tombstones: 1,
    unexplained: 0,
  });

  const published = await lettersOnTopic(rig, expected.length);
  assert.deepEqual(
    published.map(({ record }) => [record.offset, record.reason]),
    expected,
  );
  for (const { record, id } of published) {
    assert.ok(isUuid(id));
    assert.equal(id, eventId('dead-letter', rig.topic, 0, record.offset));
    assert.deepEqual(record.payload, cases[record.offset]?.[1] ?? Buffer.alloc(0));
  }

  const schemas = await rig.clickhouse.rows('writer-schema-findings', { topic: rig.topic }, WRITER_SCHEMA);
  assert.deepEqual(
    schemas,
    [
      { schema_id: rig.schemaId, verdict: 'accepted', class: 'none', field: '', began_ms: START_MS + 60_000 },
      {
        schema_id: shorterId,
        verdict: 'accepted',
        class: 'SCHEMA_MISSING_COLUMN',
        field: 'amount',
        began_ms: START_MS + 120_000,
      },
      {
        schema_id: foreignId,
        verdict: 'refused',
        class: 'UNEXPECTED_DATA_TYPE',
        field: 'amount',
        began_ms: START_MS + 180_000,
      },
    ].sort((a, b) => a.schema_id - b.schema_id),
  );
});

test('10,000 random and mutated messages are split as an independent decoder splits them, every one accounted for', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 3 });
  const random = randomFrom(20260301);
  const good: string[] = [];
  const stones: string[] = [];
  const messages = Array.from({ length: 10_000 }, (_, i) => {
    const value = mutate(rig, i, random);
    return { key: `e${i}`, value, partition: i % 3 };
  });
  // The last message of each partition, and so of its last batch, ends in bytes too many.
  for (const i of [9_997, 9_998, 9_999]) {
    const value = framed(rig.schemaId, Buffer.concat([rig.type.toBuffer(exampleOf(i)), Buffer.from([0])]));
    messages[i] = { key: `e${i}`, value, partition: i % 3 };
  }
  for (const [i, { value, partition }] of messages.entries()) {
    const place = `${partition}/${Math.floor(i / 3)}`;
    if (value === null) stones.push(place);
    else if (isGood(rig, value)) good.push(place);
  }
  const bad = 10_000 - good.length - stones.length;
  assert.ok(good.length > 3_000 && bad > 2_000, `good ${good.length}, bad ${bad}`);
  await rig.send(messages);
  const ingest = await rig.start({ limits: { flush: { rows: 1_000, bytes: 1 << 20, lingerMs: 20 } } });
  await ingest.settled();

  const rows = await rig.clickhouse.rows('stored-places', { table: rig.table }, PLACE);
  assert.deepEqual(rows.map((row) => row.place).sort(), good.sort());
  assert.equal(
    rows.reduce((sum, row) => sum + row.copies, 0),
    good.length,
  );
  const letters = await rig.letters();
  assert.equal(letters.length, bad);
  assert.equal(letters.filter(({ reason }) => reason === 'refused').length, 0);
  assert.deepEqual(
    letters
      .filter(({ offset }) => offset >= 3_332)
      .filter(({ partition, offset }) => offset === (partition === 0 ? 3_333 : 3_332))
      .map(({ reason }) => reason),
    ['trailing-bytes', 'trailing-bytes', 'trailing-bytes'],
  );
  assert.deepEqual(await rig.totals(), {
    consumed: 10_000,
    stored: good.length,
    dead_letters: bad,
    tombstones: stones.length,
    unexplained: 0,
  });
});

test('the split itself is checked: one good message called bad makes the comparison fail', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  const value = framed(rig.schemaId, rig.type.toBuffer(exampleOf(5)));
  assert.equal(isGood(rig, value), true);
  assert.equal(isGood(rig, Buffer.concat([value, Buffer.from([0])])), false);
  assert.equal(isGood(rig, value.subarray(0, -1)), false);
});

test('what ClickHouse refuses although its length is right is found by halving and set aside alone', async (t) => {
  const definition = withField({
    name: 'price',
    type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 },
    role: 'ignore',
  });
  const rig = await openRig(t, { addresses: stack(), partitions: 1, definition });
  const messages = Array.from({ length: 200 }, (_, i) => {
    // A decimal of 40 bytes has no place in Decimal(10, 2).
    const price = Buffer.alloc(i === 17 || i === 150 ? 40 : 2, 1);
    return { key: `e${i}`, value: framed(rig.schemaId, rig.type.toBuffer({ ...exampleOf(i), price })) };
  });
  await rig.send(messages);
  const ingest = await rig.start();
  await ingest.settled();
  assert.deepEqual(
    (await rig.letters()).map(({ offset, reason }) => [offset, reason]),
    [
      [17, 'refused'],
      [150, 'refused'],
    ],
  );
  assert.equal((await rig.totals()).stored, 198);
  assert.equal((await rig.totals()).unexplained, 0);
});

const WRITER_SCHEMA = z.object({
  schema_id: count,
  verdict: z.string(),
  class: z.string(),
  field: z.string(),
  began_ms: count,
});
const PLACE = z.object({ place: z.string(), copies: count });
const LETTER = z.object({
  topic: z.string(),
  offset: z.number(),
  reason: z.string(),
  payload: z.instanceof(Buffer),
});

async function lettersOnTopic(rig: Rig, n: number) {
  const codec = openCodec({ registry: rig.registry });
  const found: { id: string; record: z.infer<typeof LETTER> }[] = [];
  const follower = await rig.kafka.follow({
    topic: 'dead-letters',
    async onMessage({ value, headers }) {
      const record = LETTER.parse(await codec.decode(value ?? Buffer.alloc(0)));
      if (record.topic === rig.topic) found.push({ id: headers['ce_id'] ?? '', record });
    },
  });
  await until('the dead letters are on their topic', () => found.length >= n);
  await follower.close();
  return found;
}

type Field = { readonly name: string; readonly type: AvroDefinition; readonly [attribute: string]: unknown };

function changed(change: (field: Field) => Field | undefined): AvroDefinition {
  const fields = fieldsOf(EXAMPLE).flatMap((field) => change(field) ?? []);
  return { type: 'record', name: 'Example', namespace: 'test', fields };
}

function withField(field: Field): AvroDefinition {
  return { type: 'record', name: 'Example', namespace: 'test', fields: [...fieldsOf(EXAMPLE), field] };
}

function fieldsOf(definition: AvroDefinition): readonly Field[] {
  if (typeof definition === 'string' || !('type' in definition) || definition.type !== 'record') return [];
  return definition.fields;
}

/** The oracle, and avsc as its witness: whatever the oracle takes, avsc takes too. */
function isGood(rig: Rig, value: Buffer): boolean {
  if (value.length < 5 || value[0] !== 0 || value.readUInt32BE(1) !== rig.schemaId) return false;
  const body = value.subarray(5);
  const good = isExactly(EXAMPLE, body);
  if (good) assert.ok(avscAgrees(rig.type, body), body.toString('hex'));
  return good;
}

function mutate(rig: Rig, i: number, random: () => number): Buffer | null {
  const body = rig.type.toBuffer(exampleOf(i));
  const value = framed(rig.schemaId, body);
  const pick = (n: number) => Math.floor(random() * n);
  switch (pick(10)) {
    case 0:
      return null;
    case 1:
      return Buffer.from(Array.from({ length: pick(80) }, () => pick(256)));
    case 2:
      return framed(rig.schemaId, Buffer.from(Array.from({ length: pick(80) }, () => pick(256))));
    case 3:
      return value.subarray(0, pick(value.length + 1));
    case 4:
      return Buffer.concat([value, Buffer.from(Array.from({ length: 1 + pick(9) }, () => pick(256)))]);
    case 5:
    case 6: {
      const flipped = Buffer.from(value);
      const at = 5 + pick(body.length);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << pick(8));
      return flipped;
    }
    case 7: {
      const written = Buffer.from(value);
      written[5 + pick(body.length)] = pick(256);
      return written;
    }
    default:
      return value;
  }
}

/** A small generator of its own, so that the same seed gives the same messages everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
