import assert from 'node:assert/strict';
import { test } from 'node:test';
import avro from 'avsc';
import fc from 'fast-check';
import { recordContainer } from '../../../src/core/avro/container.ts';
import { concatenate, encodeBytes, encodeLong, encodeString } from '../../../src/core/avro/encode.ts';

test('longs, strings and bytes are written as avsc writes them', () => {
  const long = avro.Type.forSchema('long');
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), (value) => {
      assert.deepEqual(Buffer.from(encodeLong(value)), long.toBuffer(value));
    }),
  );
  const string = avro.Type.forSchema('string');
  assert.deepEqual(Buffer.from(encodeString('wärm')), string.toBuffer('wärm'));
  const bytes = avro.Type.forSchema('bytes');
  assert.deepEqual(
    Buffer.from(encodeBytes(Uint8Array.of(1, 2))),
    bytes.toBuffer(Buffer.from(Uint8Array.of(1, 2))),
  );
});

test('records encoded one by one are read back by avsc from one container', async () => {
  const fields = [
    { name: 'at', type: 'long' },
    { name: 'why', type: 'string' },
  ] as const;
  const build = recordContainer({ type: 'record', name: 'R', fields });
  const rows = [
    { at: -1, why: '' },
    { at: 5_000_000_000, why: 'gone' },
  ];
  const file = build(rows.map(({ at, why }) => concatenate([encodeLong(at), encodeString(why)])));
  const decoder = new avro.streams.BlockDecoder();
  const read: unknown[] = [];
  decoder.on('data', (value: object) => read.push({ ...value }));
  decoder.end(Buffer.from(file));
  await new Promise((resolve) => decoder.on('end', resolve));
  assert.deepEqual(read, rows);
});
