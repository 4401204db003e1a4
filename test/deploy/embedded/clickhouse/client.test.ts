import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import avsc from 'avsc';
import { parquetReadObjects } from 'hyparquet';
import { openClickHouse } from '../../../../src/io/clickhouse/client.ts';
import { type Started, startForTest } from './started.ts';

/** Refusals are what these tests are about: the client need not print them. */
const quiet = { level: ClickHouseLogLevel.OFF };
let server: Started;
let writer: ClickHouseClient;
let reader: ClickHouseClient;

before(async () => {
  server = await startForTest();
  const { url, username, password } = server;
  writer = createClient({ url, username, password, log: quiet });
  reader = createClient({ url, max_open_connections: 40, log: quiet });
});

after(async () => {
  await writer.close();
  await reader.close();
  await server.remove();
});

describe('the stock client', () => {
  test('pings, and finds itself in the database driftwatch', async () => {
    assert.deepEqual(await reader.ping(), { success: true });
    assert.deepEqual(await rows('SELECT currentDatabase() AS name'), [{ name: 'driftwatch' }]);
  });

  test('gets back every parameter as it sent it', async () => {
    const result = await reader.query({
      query:
        'SELECT {s:String} AS s, {a:Array(String)} AS a, {n:Nullable(Int32)} AS n, {d:Date} AS d, {f:Float64} AS f, {m:Map(String, Int32)} AS m',
      query_params: {
        s: 'it\'s "quoted"\n\ttab \\ back',
        a: ["o'ne", 'two,'],
        n: null,
        d: '2013-03-01',
        f: 0.1,
        m: { k: 1 },
      },
      format: 'JSONEachRow',
    });
    assert.deepEqual(await result.json(), [
      {
        s: 'it\'s "quoted"\n\ttab \\ back',
        a: ["o'ne", 'two,'],
        n: null,
        d: '2013-03-01',
        f: 0.1,
        m: { k: 1 },
      },
    ]);
  });

  test('sets output formats as a reader and limits as a writer', async () => {
    const quoted = await reader.query({
      query: 'SELECT toUInt64(7) AS n',
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
    });
    assert.deepEqual(await quoted.json(), [{ n: '7' }]);
    const limited = writer.query({
      query: 'SELECT number FROM numbers(10)',
      clickhouse_settings: { max_result_rows: '3' },
    });
    await assert.rejects(limited, (error) => error instanceof ClickHouseError && error.code === '396');
  });

  test('inserts JSONEachRow from an array and JSONCompactEachRow from a stream', async () => {
    await table('from_client', 'a Int64, b String');
    await writer.insert({
      table: 'from_client',
      values: [
        { a: 1, b: 'x' },
        { a: 2, b: 'ü' },
      ],
      format: 'JSONEachRow',
    });
    const values = Readable.from([
      [3, 'y'],
      [4, 'z'],
    ]);
    await writer.insert({ table: 'from_client', values, format: 'JSONCompactEachRow' });
    assert.deepEqual(await rows('SELECT a, b FROM from_client ORDER BY a'), [
      { a: 1, b: 'x' },
      { a: 2, b: 'ü' },
      { a: 3, b: 'y' },
      { a: 4, b: 'z' },
    ]);
  });

  test('speaks gzip in both directions', async () => {
    await table('zipped', 'a Int64');
    const zipped = createClient({
      url: server.url,
      username: server.username,
      password: server.password,
      compression: { request: true, response: true },
    });
    const values = Array.from({ length: 5000 }, (_, a) => ({ a }));
    await zipped.insert({ table: 'zipped', values, format: 'JSONEachRow' });
    const result = await zipped.query({ query: 'SELECT sum(a) AS s FROM zipped', format: 'JSONEachRow' });
    assert.equal(result.response_headers['content-encoding'], 'gzip');
    assert.deepEqual(await result.json(), [{ s: 12_497_500 }]);
    await zipped.close();
  });

  test('gets exceptions with code and type', async () => {
    for (const [query, code, type] of [
      ['SELECT * FROM nope', '60', 'UNKNOWN_TABLE'],
      ['SELECT nope', '47', 'UNKNOWN_IDENTIFIER'],
      ['selec 1', '62', 'SYNTAX_ERROR'],
      ['SELECT throwIf(1)', '395', 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'],
      ['SELECT 1; SELECT 2', '62', 'SYNTAX_ERROR'],
      ['SELECT 1 FORMAT Nope', '73', 'UNKNOWN_FORMAT'],
    ] as const) {
      // exec, because query() would put its own FORMAT behind the text.
      await assert.rejects(writer.exec({ query }), (error) => {
        assert.ok(error instanceof ClickHouseError, `${query}: ${String(error)}`);
        assert.deepEqual([error.code, error.type], [code, type], query);
        return true;
      });
    }
  });

  test('throws when a query fails in the middle of its answer', async () => {
    const result = await writer.query({
      query: "SELECT throwIf(number = 1500000, 'midway') AS bad, number FROM numbers(2000000)",
      format: 'JSONEachRow',
      clickhouse_settings: { max_block_size: '1000', wait_end_of_query: 0 },
    });
    let seen = 0;
    await assert.rejects(
      async () => {
        for await (const part of result.stream()) seen += part.length;
      },
      (error) => {
        assert.ok(error instanceof ClickHouseError);
        assert.equal(error.code, '395');
        assert.match(error.message, /midway/);
        return true;
      },
    );
    assert.ok(seen > 1000, `rows came before the exception, not ${seen}`);
  });

  test('streams two million rows whole and in order', async () => {
    const streaming = createClient({ url: server.url, username: server.username, password: server.password });
    const result = await streaming.query({
      query: 'SELECT number FROM numbers(2000000)',
      format: 'JSONCompactEachRow',
    });
    let next = 0;
    for await (const part of result.stream<[number]>()) {
      for (const row of part) {
        const [number] = row.json();
        assert.equal(Number(number), next);
        next += 1;
      }
    }
    assert.equal(next, 2_000_000);
    await streaming.close();
  });

  test('keeps 600 parameterised queries apart', async () => {
    const wrong: string[] = [];
    await Promise.all(
      Array.from({ length: 600 }, async (_, i) => {
        const result = await reader.query({
          query: 'SELECT {i:UInt32} AS i, {s:String} AS s',
          query_params: { i, s: `text ${i}` },
          query_id: `query-${i}`,
          format: 'JSONEachRow',
          clickhouse_settings: { output_format_json_quote_64bit_integers: i % 2 === 0 ? 1 : 0 },
        });
        const got = JSON.stringify(await result.json());
        if (got !== JSON.stringify([{ i, s: `text ${i}` }]) || result.query_id !== `query-${i}`)
          wrong.push(got);
      }),
    );
    assert.deepEqual(wrong, []);
  });
});

describe('the Avro path of our own client', () => {
  const schema = avsc.Type.forSchema({
    type: 'record',
    name: 'Row',
    fields: [
      { name: '_offset', type: 'long' },
      { name: 'name', type: ['null', 'string'] },
    ],
  });
  const columns = ['_offset', 'name'];

  test('inserts a container, and its tag is the query id and the log comment', async () => {
    await table('avro_rows', '_offset Int64, name Nullable(String)');
    const own = openClickHouse({
      url: server.url,
      database: 'driftwatch',
      username: server.username,
      password: server.password,
    });
    const body = await container(schema, 5000);
    await own.insertAvro({ table: 'avro_rows', columns, body, tag: 'insert-of-test' });
    assert.deepEqual(
      await rows('SELECT count() AS n, sum(_offset) AS s, countIf(name IS NULL) AS z FROM avro_rows'),
      [{ n: 5000, s: 12_497_500, z: 1667 }],
    );
    await own.close();
  });

  test('keeps no row of a container that is broken in the middle', async () => {
    await table('avro_broken', '_offset Int64, name Nullable(String)');
    const own = openClickHouse({
      url: server.url,
      database: 'driftwatch',
      username: server.username,
      password: server.password,
    });
    const body = await container(schema, 20_000);
    for (const broken of [body.subarray(0, body.length - 40), cutOut(body)]) {
      await assert.rejects(own.insertAvro({ table: 'avro_broken', columns, body: broken, tag: 'broken' }), {
        code: 'CLICKHOUSE_REFUSED',
      });
    }
    assert.deepEqual(await rows('SELECT count() AS n FROM avro_broken'), [{ n: 0 }]);
    await own.insertAvro({ table: 'avro_broken', columns, body, tag: 'whole' });
    assert.deepEqual(await rows('SELECT count() AS n FROM avro_broken'), [{ n: 20_000 }]);
    await own.close();
  });
});

describe('binary answers', () => {
  test('Parquet is one valid file, streamed and buffered', async () => {
    for (const wait_end_of_query of [0, 1] as const) {
      const result = await writer.exec({
        query: 'SELECT number AS n, toString(number) AS t FROM numbers(200000) FORMAT Parquet',
        clickhouse_settings: { wait_end_of_query, output_format_parquet_compression_method: 'snappy' },
      });
      const chunks: Buffer[] = [];
      for await (const chunk of result.stream) chunks.push(Buffer.from(chunk));
      const file = new Uint8Array(Buffer.concat(chunks)).buffer;
      const found = await parquetReadObjects({ file, rowStart: 150_000, rowEnd: 150_001 });
      assert.deepEqual(found, [{ n: 150_000n, t: '150000' }]);
    }
  });

  test('Parquet and Avro sent back as bodies give the same rows', async () => {
    for (const format of ['Parquet', 'Avro', 'Native', 'RowBinary', 'CSV', 'TabSeparated']) {
      await table('round_trip', 'n Int64, t String');
      const out = await writer.exec({
        query: `SELECT toInt64(number) AS n, toString(number) AS t FROM numbers(3000) FORMAT ${format}`,
      });
      const chunks: Buffer[] = [];
      for await (const chunk of out.stream) chunks.push(Buffer.from(chunk));
      const back = await writer.exec({
        query: `INSERT INTO round_trip (n, t) FORMAT ${format}`,
        values: Readable.from([Buffer.concat(chunks)]),
      });
      back.stream.resume();
      assert.deepEqual(
        await rows('SELECT count() AS c, sum(n) AS s, uniqExact(t) AS u FROM round_trip'),
        [{ c: 3000, s: 4_498_500, u: 3000 }],
        format,
      );
    }
  });
});

async function rows(query: string): Promise<unknown[]> {
  const settings = { output_format_json_quote_64bit_integers: 0 } as const;
  return (await reader.query({ query, format: 'JSONEachRow', clickhouse_settings: settings })).json();
}

async function table(name: string, columns: string): Promise<void> {
  await writer.command({ query: `DROP TABLE IF EXISTS ${name}` });
  await writer.command({ query: `CREATE TABLE ${name} (${columns}) ENGINE = MergeTree ORDER BY tuple()` });
}

async function container(type: avsc.Type, count: number): Promise<Buffer> {
  const encoder = new avsc.streams.BlockEncoder(type, { codec: 'null', writeHeader: true });
  for (let i = 0; i < count; i += 1) encoder.write({ _offset: i, name: i % 3 === 0 ? null : `name ${i}` });
  encoder.end();
  const chunks: Buffer[] = [];
  for await (const chunk of encoder) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function cutOut(body: Buffer): Buffer {
  const middle = Math.floor(body.length / 2);
  return Buffer.concat([body.subarray(0, middle), body.subarray(middle + 3)]);
}
