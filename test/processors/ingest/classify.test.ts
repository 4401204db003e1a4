import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, schemaIdOf } from '../../../processors/ingest/classify.ts';
import { compileWalker } from '../../../src/core/avro/walker.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import type { Message } from '../../../src/io/kafka/port.ts';
import { EXAMPLE, exampleOf, framed, START_MS, typeOf } from '../../fixtures/ingest-rig.ts';

const USABLE = new Map([[7, { status: 'usable' as const, walker: compileWalker(EXAMPLE) }]]);
const PAYLOAD = typeOf(EXAMPLE).toBuffer(exampleOf(3));

function message(value: Buffer | null): Message {
  return { topic: 't', partition: 0, offset: 5, key: null, value, timestampMs: 0, headers: {} };
}

test('a message of its exact length becomes a row with its event time', () => {
  const result = classify(message(framed(7, PAYLOAD)), USABLE);
  assert.equal(result.outcome, 'forward');
  assert.equal(result.outcome === 'forward' && result.record.eventTimeMs, START_MS + 180_000);
  assert.equal(result.outcome === 'forward' && result.record.schemaId, 7);
});

test('a message without a value is a tombstone and not a dead letter', () => {
  assert.deepEqual(classify(message(null), USABLE), { outcome: 'drop', reason: 'tombstone' });
  assert.equal(schemaIdOf(message(null)), undefined);
});

for (const [name, value, reason, schemaId] of [
  ['no bytes', Buffer.alloc(0), 'empty', null],
  ['three bytes', Buffer.from([0, 0, 0]), 'not-framed', null],
  ['another magic byte', Buffer.from([1, 0, 0, 0, 7, 0]), 'not-framed', null],
  ['a missing byte at the end', framed(7, PAYLOAD.subarray(0, -1)), 'truncated', 7],
  ['a byte too many', framed(7, Buffer.concat([PAYLOAD, Buffer.from([0])])), 'trailing-bytes', 7],
  ['an array of 2^31 doubles in a few bytes', framed(7, bomb()), 'truncated', 7],
] as const) {
  test(`${name}: dead letter, ${reason}`, () => {
    const result = classify(message(value), USABLE);
    assert.equal(result.outcome, 'dead-letter');
    assert.equal(result.outcome === 'dead-letter' && result.reason, reason);
    assert.equal(result.outcome === 'dead-letter' && result.schemaId, schemaId);
    assert.notEqual(result.outcome === 'dead-letter' && result.detail, '');
  });
}

test('a schema that was never judged is a bug and not bad data', () => {
  assert.throws(() => classify(message(framed(8, PAYLOAD)), USABLE), DriftwatchError);
});

/** id "a", event time 0, three nulls, open, then the count. */
function bomb(): Buffer {
  return Buffer.from([2, 97, 0, 0, 0, 0, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f]);
}
