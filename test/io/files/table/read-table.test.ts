import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import avro from 'avsc';
import type { ReadTable } from '../../../../src/io/files/table/collect-columns.ts';
import { readTable } from '../../../../src/io/files/table/read-table.ts';

const home = mkdtempSync(join(tmpdir(), 'driftwatch-tables-'));
after(() => rmSync(home, { recursive: true, force: true }));
const PARQUET = fileURLToPath(new URL('../../../fixtures/two-row-groups.parquet', import.meta.url));
const MAPS = fileURLToPath(new URL('../../../fixtures/maps.parquet', import.meta.url));

function file(name: string, content: string | Uint8Array): string {
  const path = join(home, name);
  writeFileSync(path, content);
  return path;
}

async function values(path: string): Promise<Record<string, (string | number | null)[]>> {
  return valuesOf(await readTable(path));
}

function valuesOf({ table }: ReadTable): Record<string, (string | number | null)[]> {
  const rows = Array.from({ length: table.rows }, (_, row) => row);
  return Object.fromEntries(
    [...table.columns.values()].map((column) => [
      column.name,
      rows.map((row) => (column.form === 'number' ? column.number(row) : column.text(row))),
    ]),
  );
}

test('CSV: quotes, commas, line ends and doubled quotes inside a value; CRLF; no line end at the end', async () => {
  const path = file('quotes.csv', 'a,"b, c"\r\n1,"x ""y""\nz"\r\n\r\n2,plain');
  assert.deepEqual(await values(path), { a: [1, 2], 'b, c': ['x "y"\nz', 'plain'] });
});

test('CSV: an id with leading zeros beside words stays text; NA and nothing are missing; NaN is a number', async () => {
  const path = file(
    'kinds.csv',
    'id,x,when,ok\n007,1.5,2024-01-02 03:04:05,true\nA1,NaN,2024-01-03,false\n,NA,null,\n',
  );
  const found = await values(path);
  assert.deepEqual(found['id'], ['007', 'A1', null]);
  assert.deepEqual(found['x'], [1.5, Number.NaN, null]);
  assert.deepEqual(found['when'], ['2024-01-02T03:04:05.000Z', '2024-01-03T00:00:00.000Z', null]);
  assert.deepEqual(found['ok'], ['true', 'false', null]);
});

test('CSV: gzip, and values cut by the border of two chunks', async () => {
  const lines = Array.from({ length: 200_000 }, (_, i) => `${i},"é${i}"`);
  const path = file('large.csv.gz', gzipSync(`n,t\n${lines.join('\n')}\n`));
  const { table } = await readTable(path);
  assert.equal(table.rows, 200_000);
  for (const row of [0, 99_999, 199_999]) assert.equal(table.columns.get('t')?.text(row), `é${row}`);
});

for (const [what, content, expected] of [
  ['a ragged line', 'a,b\n1,2\n3\n', /Line 3 .* has 1 fields and the header has 2/],
  ['a quote never closed', 'a,b\n1,"2\n3,4\n', /never closed/],
  ['a quote inside a bare value', 'a\n1"2\n', /Line 2 .* quote inside a value/],
  ['text after a closing quote', 'a\n"1"2\n', /after a closing quote/],
  ['two columns of one name', 'a,a\n1,2\n', /two columns named "a"/],
  ['semicolons', 'a;b\n1;2\n', /other than commas/],
  ['no bytes', '', /is empty/],
  ['bytes that are not text', Uint8Array.of(0x61, 0x0a, 0xff, 0xfe, 0x00), /as text/],
] as const) {
  test(`CSV with ${what} is refused with a sentence`, async () => {
    await assert.rejects(readTable(file('bad.csv', content)), expected);
  });
}

test('a missing file and a file that is not gzip are named', async () => {
  await assert.rejects(readTable(join(home, 'absent.csv')), /Could not open .*absent/);
  await assert.rejects(readTable(file('not.csv.gz', 'a,b\n1,2\n')), /as text/);
});

test('Parquet: all rows of all row groups', async () => {
  const { table } = await readTable(PARQUET);
  assert.ok(table.rows > 0);
  for (const column of table.columns.values()) assert.notEqual(column.text(table.rows - 1), undefined);
});

test('Parquet and Avro: a field of maps that is asked for becomes a column for each key, missing where it has none', async () => {
  const expected = {
    id: ['0', '1', '2', '3', '4'],
    'chances.low': [0, 0.125, 0.25, 0.375, 0.5],
    'chances.mid': [0.25, 0.25, null, 0.25, 0.25],
    'chances.high': [0.75, 0.625, 0.5, 0.375, 0.25],
  };
  // Written by ClickHouse 26.7, with a field of maps of texts besides.
  const parquet = await readTable(MAPS, { maps: ['chances'] });
  assert.deepEqual(valuesOf(parquet), expected);
  assert.deepEqual(parquet.leftOut, [{ name: 'words', why: 'it is nested' }]);

  const rows = [0, 1, 2, 3, 4].map((row) => ({
    id: String(row),
    chances: { low: row / 8, ...(row === 2 ? {} : { mid: 0.25 }), high: 0.75 - row / 8 },
  }));
  const path = file(
    'maps.avro',
    await containerOf(MAP_SCHEMA, [...rows, { id: '5', chances: null }], 'null'),
  );
  const found = valuesOf(await readTable(path, { maps: ['chances'] }));
  assert.deepEqual(found, {
    id: ['0', '1', '2', '3', '4', '5'],
    ...Object.fromEntries(
      (['chances.low', 'chances.mid', 'chances.high'] as const).map((name) => [
        name,
        [...expected[name], null],
      ]),
    ),
  });
  const { leftOut } = await readTable(path);
  assert.deepEqual(
    leftOut.map(({ name }) => name),
    ['chances'],
    'a map that nobody asked for',
  );
});

test('maps with a key for each row are no maps of classes, and are refused', async () => {
  const rows = Array.from({ length: 1_001 }, (_, row) => ({ id: String(row), chances: { [`k${row}`]: 1 } }));
  const path = file('keys.avro', await containerOf(MAP_SCHEMA, rows, 'null'));
  await assert.rejects(readTable(path, { maps: ['chances'] }), /The maps chances .* more than 1000 keys/);
});

test('Parquet cut short anywhere is refused, never read in part', async () => {
  const bytes = readFileSync(PARQUET);
  for (const share of [0.1, 0.5, 0.9, 0.99]) {
    const path = file('cut.parquet', bytes.subarray(0, Math.floor(share * bytes.length)));
    await assert.rejects(readTable(path), /cannot be read as Parquet/);
  }
});

const SCHEMA: avro.Schema = {
  type: 'record',
  name: 'Row',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'x', type: ['null', 'double'] },
    { name: 'big', type: 'long' },
    { name: 'list', type: { type: 'array', items: 'int' } },
    { name: 'words', type: { type: 'array', items: 'string' } },
  ],
};

const MAP_SCHEMA: avro.Schema = {
  type: 'record',
  name: 'Row',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'chances', type: ['null', { type: 'map', values: 'double' }] },
  ],
};

function container(rows: number, codec: 'null' | 'deflate'): Promise<Buffer> {
  const each = Array.from({ length: rows }, (_, i) => ({
    id: `r${i}`,
    at: 1_704_067_200_000 + i,
    x: i % 2 === 0 ? i / 2 : null,
    big: i,
    list: i % 3 === 0 ? [] : [i, -i],
    words: ['a'],
  }));
  return containerOf(SCHEMA, each, codec);
}

function containerOf(
  schema: avro.Schema,
  rows: readonly Record<string, unknown>[],
  codec: 'null' | 'deflate',
): Promise<Buffer> {
  const encoder = new avro.streams.BlockEncoder(schema, { codec });
  const chunks: Buffer[] = [];
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const row of rows) encoder.write(row);
  encoder.end();
  return new Promise((resolve) => encoder.on('end', () => resolve(Buffer.concat(chunks))));
}

for (const codec of ['null', 'deflate'] as const) {
  test(`Avro object container, codec ${codec}: times, nulls, lists of numbers; other lists are left out and named`, async () => {
    const path = file('rows.avro', await container(5_000, codec));
    const { table, leftOut } = await readTable(path);
    assert.equal(table.rows, 5_000);
    assert.equal(table.columns.get('x')?.number(4_998), 2_499);
    assert.equal(table.columns.get('x')?.number(4_999), null);
    assert.equal(table.columns.get('at')?.text(1), '2024-01-01T00:00:00.001Z');
    const lists = [3, 4, 4_999].map((row) => [...Array.from(table.columns.get('list')?.list?.(row) ?? [])]);
    assert.deepEqual(lists, [[], [4, -4], [4_999, -4_999]]);
    assert.deepEqual(
      leftOut.map(({ name }) => name),
      ['words'],
    );
  });
}

test('an Avro container cut anywhere or with a byte changed in its framing is refused', async () => {
  const bytes = await container(5_000, 'null');
  for (const cut of [20, 200, 5_000, bytes.length - 1]) {
    await assert.rejects(readTable(file('cut.avro', bytes.subarray(0, cut))), /Avro/, `cut at ${cut}`);
  }
  const wrong = Buffer.from(bytes);
  wrong.writeUInt8((wrong[bytes.length - 3] ?? 0) ^ 1, bytes.length - 3);
  await assert.rejects(readTable(file('wrong.avro', wrong)), /does not end where it says/);
});

test('a column that changes its type is refused by name and row', async () => {
  const schema: avro.Schema = { type: 'record', name: 'R', fields: [{ name: 'u', type: ['string', 'int'] }] };
  const encoder = new avro.streams.BlockEncoder(schema);
  const chunks: Buffer[] = [];
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
  encoder.write({ u: 'a' });
  encoder.write({ u: 1 });
  encoder.end();
  await new Promise<void>((resolve) => encoder.on('end', () => resolve()));
  await assert.rejects(readTable(file('mixed.avro', Buffer.concat(chunks))), /column u .* row 2/);
});
