import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AvroDefinition, decodeDefinition } from '../../../src/core/avro/definition.ts';
import { frame } from '../../../src/core/avro/frame.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import { type Codec, openCodec } from '../../../src/io/registry/codec.ts';
import { systemDefinition } from '../../fixtures/loop.ts';

const ALERT_DEFINITION = systemDefinition('alert');
const ALERT = {
  incident_id: 'i',
  revision: 0,
  transition: 'open',
  model: 'flights',
  kind: 'data-drift',
  severity: 'ALERT',
  status: 'open',
  began: 1_362_128_405_678,
  reported: 1_362_128_405_679,
  features: ['temperature_f', 'dew_point_f'],
  segments: [''],
  cause: '',
  summary: 's',
  findings: [],
};

/** Fields that came later, with the defaults that an alert without them is written with. */
const ADDED = {
  reason: '',
  first_kind: '',
  first_feature: '',
  first_segment: '',
  carrier: '',
  carrier_share: null,
  carrier_rows: 0,
  change: '',
  change_at: null,
  cost: null,
  cost_basis: 'insufficient',
  cost_rows: 0,
  concept_change: '',
};

test('an alert is encoded and decoded into plain data, with the defaults of fields that came later', async () => {
  const codec = codecOf(ALERT_DEFINITION);
  const decoded = await codec.decode(codec.encode(7, ALERT_DEFINITION, ALERT));
  assert.deepEqual(decoded, { ...ALERT, ...ADDED });
  assert.equal(Object.getPrototypeOf(decoded), Object.prototype);
});

test('a record that does not fit names the field', () => {
  const codec = codecOf(ALERT_DEFINITION);
  const encode = (change: Record<string, unknown>) => () =>
    codec.encode(7, ALERT_DEFINITION, { ...ALERT, ...change });
  assert.throws(encode({ revision: 'x' }), invalid(/"revision" holds x/));
  assert.throws(encode({ began: undefined }), invalid(/"began" holds nothing/));
  assert.throws(encode({ began: 2 ** 60 }), invalid(/"began"/));
  assert.throws(encode({ features: [1] }), invalid(/"features/));
});

test('a long beyond 2^53 is an error and not another number', async () => {
  const codec = codecOf(define({ type: 'record', name: 'R', fields: [{ name: 'x', type: 'long' }] }));
  const body = [...Array<number>(9).fill(0xfe), 1];
  await assert.rejects(codec.decode(frame(7, Uint8Array.from(body))), invalid(/precision loss/));
});

test('a count bomb, trailing bytes, no frame and __proto__ keys are refused', {
  timeout: 20_000,
}, async () => {
  const bomb = codecOf(
    define({ type: 'record', name: 'R', fields: [{ name: 'a', type: { type: 'array', items: 'double' } }] }),
  );
  const count = Uint8Array.from([0xfe, 0xff, 0xff, 0xff, 0x0f]);
  await assert.rejects(bomb.decode(frame(7, count)), invalid(/truncated/));
  await assert.rejects(bomb.decode(frame(7, Uint8Array.from([0, 0]))), invalid(/trailing-bytes/));
  await assert.rejects(bomb.decode(Uint8Array.from([1, 2, 3])), invalid(/no framed record/));
  const map = define({
    type: 'record',
    name: 'R',
    fields: [{ name: 'm', type: { type: 'map', values: 'int' } }],
  });
  const key = Buffer.from('__proto__');
  const body = Buffer.concat([Buffer.from([2, key.length * 2]), key, Buffer.from([2, 0])]);
  await assert.rejects(codecOf(map).decode(frame(7, body)), invalid(/__proto__/));
});

test('a registry that is away and one that does not know the id are told apart', async () => {
  const message = frame(7, Uint8Array.from([0]));
  const away = openCodec({ registry: { byId: async (id) => ({ status: 'unreachable', id, why: 'gone' }) } });
  await assert.rejects(away.decode(message), (error) => codeOf(error) === 'REGISTRY_UNREACHABLE');
  const unknown = openCodec({
    registry: { byId: async (id) => ({ status: 'unknown', id, why: 'never seen' }) },
  });
  await assert.rejects(unknown.decode(message), invalid(/does not know the schema 7/));
});

function codecOf(definition: AvroDefinition): Codec {
  return openCodec({ registry: { byId: async (id) => ({ status: 'known', id, definition }) } });
}

function define(value: unknown): AvroDefinition {
  const decoded = decodeDefinition(value);
  assert.ok(decoded.status === 'ok');
  return decoded.definition;
}

function invalid(expected: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.equal(codeOf(error), 'RECORD_INVALID');
    assert.match(error instanceof Error ? error.message : '', expected);
    return true;
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof DriftwatchError ? error.code : undefined;
}
