import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import avro from 'avsc';
import { containerWriter } from '../../../src/core/avro/container.ts';
import { decodeDefinition } from '../../../src/core/avro/definition.ts';
import { frame, parseFrame } from '../../../src/core/avro/frame.ts';
import { DriftwatchError } from '../../../src/errors.ts';

const SCHEMA = {
  type: 'record',
  name: 'R',
  namespace: 'a.b',
  fields: [
    { name: 'id', type: 'string', role: 'id' },
    { name: 'x', type: ['null', 'double'], default: null, unit: 'mi' },
    { name: 'e', type: { type: 'enum', name: 'E', symbols: ['A', 'B'] } },
    { name: 'e2', type: 'E' },
  ],
};
const TYPE = avro.Type.forSchema(JSON.parse(JSON.stringify(SCHEMA)), { wrapUnions: false });

test('a container of framed payloads is read back by avsc with partition, offset and schema id', async () => {
  const rows = [
    { id: 'one', x: 1.5, e: 'A', e2: 'B' },
    { id: 'two', x: null, e: 'B', e2: 'A' },
  ];
  const offsets = [7, 5_000_000_000];
  const bytes = writer(300).build(
    rows.map((row, index) => ({
      partition: index,
      offset: offsets[index] ?? 0,
      value: frame(300, TYPE.toBuffer(row)),
    })),
  );
  const read = await readBack(bytes);
  assert.deepEqual(
    read.map((row) => ({ ...Object(row) })),
    rows.map((row, index) => ({ _partition: index, _offset: offsets[index], _schema_id: 300, ...row })),
  );
});

test('the same rows give the same bytes, and the header holds no attribute of ours', () => {
  const row = { partition: 0, offset: 1, value: frame(3, TYPE.toBuffer({ id: 'a', x: 1, e: 'A', e2: 'A' })) };
  const first = writer(3).build([row]);
  assert.deepEqual(first, writer(3).build([row]));
  assert.doesNotMatch(Buffer.from(first).toString('latin1'), /role|unit|default/);
});

test('a schema that is no record cannot be stored', () => {
  assert.throws(
    () => containerWriter({ definition: 'string', schemaId: 1 }),
    (error) => error instanceof DriftwatchError && error.code === 'INVARIANT_BROKEN',
  );
});

test('a frame is a zero and the schema id, and everything else has a reason', () => {
  assert.deepEqual(parseFrame(frame(0xfffffffe, new Uint8Array(1))), { status: 'ok', schemaId: 0xfffffffe });
  const reason = (bytes: readonly number[]): string => {
    const parsed = parseFrame(Uint8Array.from(bytes));
    return parsed.status === 'bad' ? parsed.reason : 'ok';
  };
  assert.deepEqual(
    [reason([]), reason([1, 0, 0, 0, 1]), reason([0, 0, 0, 1])],
    ['empty', 'not-framed', 'not-framed'],
  );
});

function writer(schemaId: number) {
  const decoded = decodeDefinition(SCHEMA);
  assert.ok(decoded.status === 'ok');
  return containerWriter({ definition: decoded.definition, schemaId });
}

async function readBack(bytes: Uint8Array): Promise<readonly unknown[]> {
  const decoder = new avro.streams.BlockDecoder();
  const read: unknown[] = [];
  decoder.on('data', (value: unknown) => read.push(value));
  decoder.end(Buffer.from(bytes));
  await once(decoder, 'end');
  return read;
}
