import assert from 'node:assert/strict';
import { test } from 'node:test';
import avro from 'avsc';
import fc from 'fast-check';
import { bytesOf, longBytes, longLength, stringBytes } from '../../../processors/ingest/avro-bytes.ts';
import { rowContainer } from '../../../processors/ingest/container.ts';
import { containerSchema } from '../../../processors/ingest/writer-schema.ts';
import { EXAMPLE, exampleOf, framed, typeOf } from '../../fixtures/ingest-rig.ts';

test('longs are written as avsc writes them', () => {
  const long = avro.Type.forSchema('long');
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), (value) => {
      assert.deepEqual(longBytes(value), long.toBuffer(value));
      assert.equal(longLength(value), long.toBuffer(value).length);
    }),
  );
  assert.deepEqual(stringBytes('wärm'), avro.Type.forSchema('string').toBuffer('wärm'));
  assert.deepEqual(bytesOf(Buffer.from([1, 2])), avro.Type.forSchema('bytes').toBuffer(Buffer.from([1, 2])));
});

test('avsc reads back from a container what was sent, with partition, offset and schema id in front', async () => {
  const type = typeOf(EXAMPLE);
  const rows = Array.from({ length: 300 }, (_, i) => {
    const value = framed(41, type.toBuffer(exampleOf(i)));
    const message = {
      topic: 't',
      partition: 3,
      offset: 10 * i,
      key: null,
      value,
      timestampMs: 0,
      headers: {},
    };
    return { offset: 10 * i, value, schemaId: 41, eventTimeMs: 0, message };
  });
  const schema = {
    schemaId: 41,
    accepted: true,
    findings: [],
    definition: EXAMPLE,
    walker: undefined,
    containerSchema: containerSchema(EXAMPLE) ?? '',
    columns: [],
  };
  const container = rowContainer({ rows, partition: 3, schema });
  const decoder = new avro.streams.BlockDecoder({
    parseHook: (found) => avro.Type.forSchema(found, { wrapUnions: false }),
  });
  const read: unknown[] = [];
  decoder.on('data', (value: unknown) => read.push(value));
  decoder.end(container);
  await new Promise((resolve) => decoder.on('end', resolve));
  assert.equal(read.length, 300);
  for (const i of [0, 1, 149, 299]) {
    const expected = { _partition: 3, _offset: 10 * i, _schema_id: 41, ...exampleOf(i) };
    assert.deepEqual(JSON.parse(JSON.stringify(read[i])), JSON.parse(JSON.stringify(expected)));
  }
});

test('a writer schema with a field of one of our names has no container', () => {
  const definition = { type: 'record', name: 'R', fields: [{ name: '_offset', type: 'long' }] } as const;
  assert.equal(containerSchema(definition), undefined);
});
