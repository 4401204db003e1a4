import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planBatch } from '../../../processors/ingest/plan.ts';
import { compileWalker } from '../../../src/core/avro/walker.ts';
import type { Message } from '../../../src/io/kafka/port.ts';
import { EXAMPLE, exampleOf, framed, START_MS, typeOf } from '../../fixtures/ingest-rig.ts';

const type = typeOf(EXAMPLE);
const walker = compileWalker(EXAMPLE);
const verdicts = new Map([
  [1, { status: 'usable' as const, walker }],
  [2, { status: 'usable' as const, walker }],
  [3, { status: 'refused' as const, reason: 'foreign-schema' as const, detail: 'Elsewhere.' }],
]);
const common = { verdicts, stored: [], maxEventTimeMs: undefined, maxFutureMs: 3_600_000 };

test('every message of a batch is planned exactly once, whatever is stored already', () => {
  const kinds = fc.constantFrom('one', 'two', 'foreign', 'short', 'tombstone');
  fc.assert(
    fc.property(fc.array(kinds, { maxLength: 60 }), fc.nat(60), fc.nat(20), (list, first, length) => {
      const messages = list.map((kind, offset) => message(offset, payloadOf(kind, offset)));
      const stored = length === 0 ? [] : [{ first, last: first + length - 1 }];
      const plan = planBatch({ ...common, messages, stored });
      const planned = [
        ...plan.inserts.flatMap((insert) => insert.rows.map((row) => row.offset)),
        ...plan.deadLetters.map((letter) => letter.message.offset),
        ...plan.tombstones.map((tombstone) => tombstone.offset),
      ].sort((a, b) => a - b);
      const expected = list.map((_, offset) => offset).filter((at) => at < first || at >= first + length);
      assert.deepEqual(planned, expected);
      assert.equal(plan.rows + plan.letters + plan.stones, messages.length);
    }),
  );
});

test('an insert holds one writer schema and one month of event time', () => {
  const far = (i: number) => ({ ...exampleOf(i), event_time: Date.UTC(2013, i % 4, 1) });
  const messages = Array.from({ length: 40 }, (_, i) =>
    message(i, framed(1 + (i % 2), type.toBuffer(far(i)))),
  );
  const plan = planBatch({ ...common, messages });
  assert.equal(plan.inserts.length, 4);
  for (const insert of plan.inserts) {
    assert.deepEqual(new Set(insert.rows.map((row) => row.schemaId)), new Set([insert.schemaId]));
    const months = insert.rows.map((row) => new Date(row.eventTimeMs).getUTCMonth() + 201301);
    assert.deepEqual(new Set(months), new Set([insert.month]));
  }
});

test('clocks before 2000 and after 2099 share the first and the last month', () => {
  const messages = [-5e12, 0, 8e15].map((event_time, i) =>
    message(i, framed(1, type.toBuffer({ ...exampleOf(i), event_time }))),
  );
  const plan = planBatch({ ...common, messages });
  assert.deepEqual(plan.inserts.map((insert) => insert.month).sort(), [200001, 209912]);
});

test('rows that are stored already still tell the panes which hours they are in', () => {
  const messages = Array.from({ length: 120 }, (_, i) => message(i, payloadOf('one', i)));
  const plan = planBatch({ ...common, messages, stored: [{ first: 0, last: 119 }] });
  assert.deepEqual(plan.inserts, []);
  assert.deepEqual(plan.hours, [START_MS, START_MS + 3_600_000]);
  assert.equal(plan.maxEventTimeMs, START_MS + 119 * 60_000);
});

test('a clock ten years ahead moves the watermark no further than the broker clock and the allowance', () => {
  const ahead = { ...exampleOf(1), event_time: Date.UTC(2023, 0, 1) };
  const plan = planBatch({ ...common, messages: [message(0, framed(1, type.toBuffer(ahead)))] });
  assert.equal(plan.maxEventTimeMs, APPENDED_MS + 3_600_000);
});

test('the first message of each writer schema is noted with the stream time before it', () => {
  const messages = [
    payloadOf('one', 4),
    payloadOf('foreign', 1),
    payloadOf('two', 2),
    payloadOf('two', 3),
  ].map((value, i) => message(i, value));
  const { sightings } = planBatch({ ...common, messages });
  assert.deepEqual(
    sightings.map(({ schemaId, offset, eventTimeMs, streamTimeMs }) => [
      schemaId,
      offset,
      eventTimeMs,
      streamTimeMs,
    ]),
    [
      [1, 0, START_MS + 240_000, undefined],
      [3, 1, undefined, START_MS + 240_000],
      [2, 2, START_MS + 120_000, START_MS + 240_000],
    ],
  );
});

test('the first message of each producer version is noted, and what names none is not', () => {
  const of = (offset: number, version: string, value: Buffer | null) => ({
    ...message(offset, value),
    headers: { producer_version: version },
  });
  const { producers } = planBatch({
    ...common,
    messages: [
      of(0, 'a', payloadOf('one', 4)),
      of(1, 'a', payloadOf('one', 2)),
      message(2, payloadOf('one', 3)),
      of(3, '', payloadOf('one', 3)),
      of(4, 'b', payloadOf('short', 0)),
      of(5, 'x'.repeat(500), payloadOf('one', 5)),
      of(6, 'c', null),
    ],
  });
  assert.deepEqual(producers, [
    { version: 'a', offset: 0, atMs: START_MS + 240_000 },
    { version: 'b', offset: 4, atMs: START_MS + 240_000 },
    { version: 'x'.repeat(200), offset: 5, atMs: START_MS + 300_000 },
  ]);
});

const APPENDED_MS = Date.UTC(2013, 5, 1);

function message(offset: number, value: Buffer | null): Message {
  return { topic: 't', partition: 0, offset, key: null, value, timestampMs: APPENDED_MS, headers: {} };
}

function payloadOf(kind: string, i: number): Buffer | null {
  if (kind === 'tombstone') return null;
  if (kind === 'short') return Buffer.from([0]);
  const id = kind === 'one' ? 1 : kind === 'two' ? 2 : 3;
  return framed(id, type.toBuffer(exampleOf(i)));
}
