import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parquetMetadata } from 'hyparquet';
import { readSnapshot } from '../../../src/io/files/read-snapshot.ts';

/**
 * Written by ClickHouse 26.7: `SELECT toString(number) AS id, toDateTime64(1704067200 + number, 3, 'UTC') AS
 * event_time, if(number % 7 = 0, NULL, number / 4) AS x, if(number % 5 = 0, NULL, concat('k',
 * toString(number % 3))) AS c, toInt32(number % 3 = 1) AS y FROM numbers(2500)`, in two row groups, zstd.
 */
const FILE = fileURLToPath(new URL('../../fixtures/two-row-groups.parquet', import.meta.url));
const ROWS = Array.from({ length: 2500 }, (_, number) => number);

test('the columns of a file of several row groups are read whole and in order', async () => {
  const bytes = await readFile(FILE);
  const metadata = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  assert.equal(metadata.row_groups.length, 2);
  const read = await readSnapshot(FILE, {
    id: 'id',
    eventTime: 'event_time',
    label: 'y',
    numeric: ['x', 'no_such_column'],
    categorical: ['c'],
  });
  assert.deepEqual(read.ids, ROWS.map(String));
  assert.deepEqual(
    [...read.eventTimesMs],
    ROWS.map((row) => (1_704_067_200 + row) * 1000),
  );
  assert.equal(read.dataset.rows, 2500);
  assert.deepEqual(
    [...read.dataset.label],
    ROWS.map((row) => (row % 3 === 1 ? 1 : 0)),
  );
  const [x, absent] = read.dataset.numeric;
  assert.deepEqual(
    [...(x?.values ?? [])],
    ROWS.map((row) => (row % 7 === 0 ? Number.NaN : row / 4)),
  );
  assert.ok(absent?.values.length === 2500 && absent.values.every(Number.isNaN), 'absent is missing');
  const [c] = read.dataset.categorical;
  assert.deepEqual(
    c?.values,
    ROWS.map((row) => (row % 5 === 0 ? null : `k${row % 3}`)),
  );
});
