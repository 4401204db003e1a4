import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClickHouseError } from '@clickhouse/client';
import avro from 'avsc';
import { storeRows } from '../../../processors/ingest/store-rows.ts';
import { containerWriter } from '../../../src/core/avro/container.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import type { ClickHouse } from '../../../src/io/clickhouse/client.ts';
import { EXAMPLE, exampleOf, framed, typeOf } from '../../fixtures/ingest-rig.ts';

const container = containerWriter({ definition: EXAMPLE, schemaId: 1 });
const columns = ['_partition', '_offset', '_schema_id', 'id'];

test('when a block is refused, exactly the culprits are set aside and all others are stored once', async () => {
  const culprits = new Set([3, 4, 700, 999]);
  const table = refusing((offset) => culprits.has(offset));
  const refused = await storeRows({ ...common(table), rows: rowsOf(1000) });
  assert.deepEqual(
    refused.map(({ row }) => row.offset),
    [...culprits],
  );
  assert.equal(table.stored.length, 996);
  assert.equal(new Set(table.stored).size, 996);
});

test('when nothing at all is taken, the rest is set aside without asking row by row', async () => {
  const table = refusing(() => true);
  const refused = await storeRows({ ...common(table), rows: rowsOf(5000) });
  assert.equal(refused.length, 5000);
  assert.ok(table.requests() < 200, `${table.requests()} requests`);
});

test('an error that says nothing about the rows is thrown and sets nothing aside', async () => {
  const table = refusing(() => true, '241');
  await assert.rejects(storeRows({ ...common(table), rows: rowsOf(10) }), DriftwatchError);
  assert.equal(table.requests(), 1);
});

function common({ clickhouse }: { clickhouse: Pick<ClickHouse, 'insertAvro'> }) {
  return { clickhouse, table: 'raw', partition: 0, container, columns, tagPrefix: 'ingest-t-0-1-' };
}

function rowsOf(n: number) {
  const type = typeOf(EXAMPLE);
  return Array.from({ length: n }, (_, offset) => {
    const value = framed(1, type.toBuffer(exampleOf(offset)));
    const message = { topic: 't', partition: 0, offset, key: null, value, timestampMs: 0, headers: {} };
    return { offset, value, schemaId: 1, eventTimeMs: 0, message };
  });
}

/** A table that refuses a whole block when it holds a culprit, as ClickHouse does. */
function refusing(bad: (offset: number) => boolean, code = '1001') {
  const stored: number[] = [];
  let requests = 0;
  const clickhouse: Pick<ClickHouse, 'insertAvro'> = {
    async insertAvro({ body, tag }) {
      requests += 1;
      const offsets = await offsetsIn(body);
      assert.equal(tag, `ingest-t-0-1-${offsets[0]}-${offsets.at(-1)}`);
      if (!offsets.some(bad)) {
        stored.push(...offsets);
        return;
      }
      const cause = new ClickHouseError({ message: 'Cannot read', code, type: 'STD_EXCEPTION' });
      throw new DriftwatchError({ code: 'CLICKHOUSE_REFUSED', message: 'Refused.', next: '', cause });
    },
  };
  return { clickhouse, stored, requests: () => requests };
}

async function offsetsIn(body: Uint8Array): Promise<number[]> {
  const decoder = new avro.streams.BlockDecoder();
  const offsets: number[] = [];
  decoder.on('data', (value: { _offset: number }) => offsets.push(value._offset));
  decoder.end(body);
  await new Promise((resolve) => decoder.on('end', resolve));
  return offsets;
}
