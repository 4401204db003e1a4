import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync, deflateSync, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type Started, startForTest } from './started.ts';

let server: Started;

before(async () => {
  server = await startForTest();
  await server.write('CREATE TABLE plain (a Int64, b String) ENGINE = MergeTree ORDER BY a');
});
after(() => server.remove());

describe('health checks', () => {
  test('answer Ok. at /ping, / and /replicas_status without credentials', async () => {
    for (const path of ['/ping', '/', '/replicas_status']) {
      const reply = await server.ask({ method: 'GET', path });
      assert.deepEqual([reply.status, reply.text], [200, 'Ok.\n'], path);
    }
  });

  test('other paths are 404 with a sentence', async () => {
    const reply = await server.ask({ method: 'GET', path: '/play' });
    assert.equal(reply.status, 404);
    assert.match(reply.text, /^There is no handle \/play/);
  });
});

describe('a statement', () => {
  test('may be in the URL, in the body, or begun in one and ended in the other', async () => {
    assert.equal((await server.ask({ method: 'GET', search: { query: 'SELECT 1' } })).text, '1\n');
    assert.equal((await server.ask({ body: 'SELECT 2' })).text, '2\n');
    assert.equal((await server.ask({ search: { query: 'SELECT' }, body: '3' })).text, '3\n');
  });

  test('takes the format of its FORMAT clause, else of default_format, else of the header, else TSV', async () => {
    const header = { 'x-clickhouse-format': 'CSV' };
    for (const [question, format, text] of [
      [{ body: "SELECT 'a'" }, 'TabSeparated', 'a\n'],
      [{ body: "SELECT 'a'", headers: header }, 'CSV', '"a"\n'],
      [
        { body: "SELECT 'a' AS x", headers: header, search: { default_format: 'JSONEachRow' } },
        'JSONEachRow',
        '{"x":"a"}\n',
      ],
      [{ body: "SELECT 'a' FORMAT Values", search: { default_format: 'JSONEachRow' } }, 'Values', "('a')"],
    ] as const) {
      const reply = await server.ask(question);
      assert.deepEqual([reply.headers['x-clickhouse-format'], reply.text], [format, text]);
    }
  });

  test('gets parameters, settings and database from the URL', async () => {
    const search = { param_n: '7', param_t: "it's", output_format_json_quote_64bit_integers: '1' };
    const body = 'SELECT {n:UInt64} AS n, {t:String} AS t FORMAT JSONEachRow';
    assert.equal((await server.ask({ search, body })).text, '{"n":"7","t":"it\'s"}\n');
    const other = { search: { database: 'system', query: 'SELECT count() FROM one' }, as: 'writer' } as const;
    assert.equal((await server.ask(other)).text, '1\n');
    const header = { headers: { 'x-clickhouse-database': 'system' }, body: 'SELECT count() FROM one' };
    assert.equal((await server.ask({ ...header, as: 'writer' })).text, '1\n');
  });

  test('gets parameters longer than the usual limit on URLs', async () => {
    const numbers = Array.from({ length: 100_000 }, (_, i) => i).join(',');
    const reply = await server.ask({
      search: { param_a: `[${numbers}]` },
      body: 'SELECT length({a:Array(UInt32)})',
    });
    assert.equal(reply.text, '100000\n');
  });

  test('accepts what belongs to HTTP alone and does not pass it on', async () => {
    const search = {
      wait_end_of_query: '1',
      buffer_size: '100',
      send_progress_in_http_headers: '1',
      http_headers_progress_interval_ms: '50',
      cancel_http_readonly_queries_on_client_close: '1',
      quota_key: 'x',
      log_comment: 'ours to decide',
      async_insert: '1',
      query_id: 'of-the-client',
    };
    const reply = await server.ask({
      search,
      body: "SELECT getSetting('async_insert'), getSetting('log_comment')",
    });
    assert.equal(reply.text, 'false\tof-the-client\n');
    assert.equal(reply.headers['x-clickhouse-query-id'], 'of-the-client');
  });

  test('is described in headers', async () => {
    const { headers } = await server.ask({
      body: 'SELECT 1 FORMAT JSON',
      search: { wait_end_of_query: '1' },
    });
    assert.equal(headers['content-type'], 'application/json; charset=UTF-8');
    assert.equal(headers['x-clickhouse-timezone'], 'UTC');
    assert.match(String(headers['x-clickhouse-query-id']), /^[0-9a-f-]{36}$/);
    assert.match(String(headers['x-clickhouse-summary']), /"result_rows":"1"/);
    assert.equal(headers['x-clickhouse-server-display-name'], 'driftwatch-embedded');
  });

  test('gives whole documents in formats with header and footer, however many blocks there are', async () => {
    const body = 'SELECT number FROM numbers(300000) FORMAT JSON';
    const found: unknown = JSON.parse((await server.ask({ body })).text);
    assert.ok(typeof found === 'object' && found !== null && 'rows' in found);
    assert.equal(found.rows, 300_000);
    const csv = (await server.ask({ body: 'SELECT number AS n FROM numbers(300000) FORMAT CSVWithNames' }))
      .text;
    assert.equal(csv.split('\n').filter((line) => line === '"n"').length, 1);
    const totals =
      'SELECT number % 2 AS k, count() FROM numbers(10) GROUP BY k WITH TOTALS ORDER BY k FORMAT TSV';
    assert.equal((await server.ask({ body: totals })).text, '0\t5\n1\t5\n\n0\t10\n');
  });

  test('comes back compressed when asked for', async () => {
    const body = 'SELECT number FROM numbers(50000)';
    const plain = (await server.ask({ body })).text;
    const search = { enable_http_compression: '1' };
    const zipped = await server.ask({ body, search, headers: { 'accept-encoding': 'gzip, br' } });
    assert.equal(zipped.headers['content-encoding'], 'gzip');
    assert.equal(gunzipSync(zipped.bytes).toString(), plain);
    const brotli = await server.ask({ body, search, headers: { 'accept-encoding': 'br' } });
    assert.equal(brotliDecompressSync(brotli.bytes).toString(), plain);
    const without = await server.ask({ body, headers: { 'accept-encoding': 'gzip' } });
    assert.equal(without.headers['content-encoding'], undefined);
    const failed = await server.ask({ body: 'SELECT nope', search, headers: { 'accept-encoding': 'gzip' } });
    assert.deepEqual([failed.status, failed.headers['content-encoding']], [404, undefined]);
    assert.match(failed.text, /^Code: 47\. DB::Exception: /);
  });
});

describe('an exception', () => {
  test('has the code in a header, the text in the body and the status of a server', async () => {
    for (const [body, status, code, text] of [
      ['SELECT * FROM nope', 404, '60', /UNKNOWN_TABLE\) \(version /],
      ['SELECT nope', 404, '47', /UNKNOWN_IDENTIFIER/],
      ['SELECT nope()', 404, '46', /UNKNOWN_FUNCTION/],
      ['SELECT 1 FORMAT Nope', 404, '73', /UNKNOWN_FORMAT/],
      ['selec 1', 400, '62', /Syntax error: failed at position 1 \(selec\)/],
      ['SELECT 1 +', 400, '62', /SYNTAX_ERROR/],
      ['', 400, '62', /Empty query/],
      ["SELECT toDate('x')", 400, '38', /CANNOT_PARSE_DATE/],
      ['SELECT throwIf(1)', 500, '395', /FUNCTION_THROW_IF/],
      ['SELECT 1; SELECT 2', 400, '62', /Multi-statements are not allowed/],
      ['KILL QUERY WHERE 1 SYNC', 501, '48', /ASYNC/],
      ["SELECT 1 INTO OUTFILE 'x'", 501, '48', /OUTFILE/],
      ["INSERT INTO plain FROM INFILE 'x' FORMAT CSV", 404, '78', /INFILE/],
      ['CREATE TABLE plain (a Int8) ENGINE = Memory', 500, '57', /TABLE_ALREADY_EXISTS/],
    ] as const) {
      const reply = await server.ask({ body, as: 'writer' });
      assert.deepEqual([reply.status, reply.code], [status, code], `${body}: ${reply.text}`);
      assert.match(reply.text, /^Code: \d+\. DB::Exception: /);
      assert.match(reply.text, text);
      assert.doesNotMatch(reply.text, /temporary|OUTFILE '\//, 'our own paths stay inside');
    }
  });

  test('speaks of the position in the text that was sent, to readers and writers alike', async () => {
    for (const as of ['reader', 'writer'] as const) {
      const reply = await server.ask({ body: 'SELECT 1,\n2 ,, 3', as });
      assert.match(reply.text, /failed at position 16 \(3\) \(line 2, col 6\)/, as);
    }
  });

  test('in mid-stream is framed with the tag from the header, compressed or not', async () => {
    const body = 'SELECT throwIf(number = 900000) AS x, number FROM numbers(1000000)';
    for (const encoding of ['identity', 'gzip']) {
      const reply = await server.ask({
        body,
        as: 'writer',
        search: { max_block_size: '1000', enable_http_compression: '1' },
        headers: { 'accept-encoding': encoding },
      });
      const tag = reply.headers['x-clickhouse-exception-tag'];
      const text = (encoding === 'gzip' ? gunzipSync(reply.bytes) : reply.bytes).toString();
      const frame = /\r\n__exception__\r\n(\w+)\r\n([\s\S]*)\n(\d+) (\w+)\r\n__exception__\r\n$/.exec(text);
      assert.equal(reply.status, 200);
      assert.deepEqual([frame?.[1], frame?.[4]], [tag, tag]);
      assert.equal(Number(frame?.[3]), Buffer.byteLength(frame?.[2] ?? '') + 1);
      assert.match(frame?.[2] ?? '', /^Code: 395\. /);
    }
  });

  test('never comes in mid-stream with wait_end_of_query=1', async () => {
    const body = 'SELECT throwIf(number = 900000) AS x, number FROM numbers(1000000)';
    const reply = await server.ask({
      body,
      as: 'writer',
      search: { max_block_size: '1000', wait_end_of_query: '1' },
    });
    assert.deepEqual([reply.status, reply.code], [500, '395']);
  });

  test('refuses unknown settings, names that are none, sessions and native compression with a sentence', async () => {
    for (const [search, status, code, text] of [
      [{ nope: '1' }, 404, '115', /Unknown setting 'nope'/],
      [{ 'a b': '1' }, 404, '115', /not the name of a setting/],
      [{ "param_x') --": '1' }, 400, '36', /not a parameter/],
      [{ session_id: 'x' }, 501, '48', /leave session_id out/],
      [{ compress: '1' }, 501, '48', /Accept-Encoding/],
      [{ decompress: '1' }, 501, '48', /Content-Encoding/],
      [{ default_format: 'TSV SETTINGS max_threads=1' }, 404, '73', /not the name of a format/],
      [{ database: 'nope' }, 404, '81', /nope/],
    ] as const) {
      const reply = await server.ask({ body: 'SELECT 1', as: 'writer', search });
      assert.deepEqual([reply.status, reply.code], [status, code], reply.text);
      assert.match(reply.text, text);
    }
  });
});

describe('an INSERT', () => {
  test('takes its data from the body behind a statement in the URL, or behind the statement in the body', async () => {
    const formats = [
      ['CSV', '1,"x"\n2,"y;z"\n'],
      ['TabSeparated', '1\tx\n2\ty;z\n'],
      ['TSV', '1\tx\n2\ty;z\n'],
      ['JSONEachRow', '{"a":1,"b":"x"}\n{"a":2,"b":"y;z"}\n'],
      ['JSONCompactEachRow', '[1,"x"]\n[2,"y;z"]\n'],
      ['Values', "(1,'x'),(2,'y;z')"],
    ] as const;
    for (const [format, data] of formats) {
      for (const inUrl of [true, false]) {
        await server.write('TRUNCATE TABLE plain');
        const query = `INSERT INTO plain (a, b) SETTINGS max_threads = 1 FORMAT ${format}`;
        const question = inUrl ? { search: { query }, body: data } : { body: `${query}\n${data}` };
        const reply = await server.ask({ ...question, as: 'writer' });
        assert.equal(reply.status, 200, `${format}: ${reply.text}`);
        assert.match(String(reply.headers['x-clickhouse-summary']), /"written_rows":"2"/);
        assert.equal(await server.write('SELECT a, b FROM plain ORDER BY a'), '1\tx\n2\ty;z\n', format);
      }
    }
  });

  test('takes VALUES with parameters, and INSERT ... SELECT', async () => {
    await server.write('TRUNCATE TABLE plain');
    const body = "INSERT INTO plain VALUES ({a:Int64}, {b:String}), (2, 'FORMAT CSV')";
    const values = await server.ask({ body, search: { param_a: '1', param_b: 'x' }, as: 'writer' });
    assert.equal(values.status, 200, values.text);
    await server.write('INSERT INTO plain SELECT a + 10, b FROM plain');
    await server.write("WITH 5 AS five INSERT INTO plain SELECT five, 'w'");
    assert.equal(
      await server.write('SELECT groupArray(a) FROM (SELECT a FROM plain ORDER BY a)'),
      '[1,2,5,11,12]\n',
    );
    assert.equal(await server.write('SELECT b FROM plain WHERE a = 2'), 'FORMAT CSV\n');
  });

  test('takes compressed bodies', async () => {
    const data = Buffer.from(Array.from({ length: 20_000 }, (_, a) => `${a}\ttext ${a}\n`).join(''));
    for (const [encoding, packed] of [
      ['gzip', gzipSync(data)],
      ['deflate', deflateSync(data)],
      ['zstd', zstdCompressSync(data)],
    ] as const) {
      await server.write('TRUNCATE TABLE plain');
      const reply = await server.ask({
        search: { query: 'INSERT INTO plain FORMAT TSV' },
        body: packed,
        headers: { 'content-encoding': encoding },
        as: 'writer',
      });
      assert.equal(reply.status, 200, reply.text);
      assert.equal(await server.write('SELECT count(), sum(a) FROM plain'), '20000\t199990000\n', encoding);
    }
    const unknown = await server.ask({ body: 'SELECT 1', headers: { 'content-encoding': 'lz4' } });
    assert.equal(unknown.code, '89');
  });

  test('that fails keeps no row and says which part of the body was wrong, not where it lay', async () => {
    await server.write('TRUNCATE TABLE plain');
    const lines = Array.from({ length: 50_000 }, (_, a) => `${a}\tx\n`);
    const body = [...lines, 'not a number\tx\n'].join('');
    const reply = await server.ask({ search: { query: 'INSERT INTO plain FORMAT TSV' }, body, as: 'writer' });
    assert.equal(reply.code, '27');
    assert.match(reply.text, /request body/);
    assert.doesNotMatch(reply.text, /\/temporary\//);
    assert.equal(await server.write('SELECT count() FROM plain'), '0\n');
  });

  test('leaves no file behind, whether it succeeds or fails', async () => {
    const left = (await readdir(server.temporary)).filter((name) => name.endsWith('.body'));
    assert.deepEqual(left, []);
  });
});

describe('GET', () => {
  test('only reads, also for driftwatch itself', async () => {
    for (const query of [
      "INSERT INTO plain VALUES (1, 'x')",
      'TRUNCATE TABLE plain',
      'SET max_threads = 1',
    ]) {
      const reply = await server.ask({ method: 'GET', search: { query }, as: 'writer' });
      assert.deepEqual([reply.status, reply.code], [500, '164'], query);
      assert.match(reply.text, /method GET implies readonly/);
    }
    const read = await server.ask({
      method: 'GET',
      search: { query: 'SELECT 1', max_threads: '1' },
      as: 'writer',
    });
    assert.equal(read.text, '1\n');
  });

  test('HEAD has the headers and no body, other methods are refused', async () => {
    const head = await server.ask({ method: 'HEAD', search: { query: 'SELECT 1' } });
    assert.deepEqual([head.status, head.text], [200, '']);
    assert.equal((await server.ask({ method: 'PUT', body: 'SELECT 1' })).status, 405);
  });
});

describe('who is asking', () => {
  const body = 'SELECT 1';

  test('may say so in headers, in Authorization or in the URL', async () => {
    const { username, password } = server;
    const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    for (const question of [
      { headers: { 'x-clickhouse-user': username, 'x-clickhouse-key': password } },
      { headers: { authorization: basic } },
      { search: { user: username, password } },
    ]) {
      const reply = await server.ask({ ...question, body: "INSERT INTO plain VALUES (1, 'x')" });
      assert.equal(reply.status, 200, reply.text);
    }
  });

  test('is a reader as nobody, default or reader, and 403 with a wrong name or password', async () => {
    for (const user of ['', 'default', 'reader']) {
      assert.equal((await server.ask({ headers: { 'x-clickhouse-user': user }, body })).status, 200);
    }
    for (const [user, password] of [
      ['driftwatch', ''],
      ['driftwatch', 'wrong'],
      ['default', 'x'],
      ['root', ''],
    ] as const) {
      const reply = await server.ask({ search: { user, password }, body });
      assert.deepEqual([reply.status, reply.code], [403, '516'], user);
      assert.match(reply.text, /Authentication failed/);
    }
  });

  test('is turned away when Host or Origin names another machine', async () => {
    for (const headers of [
      { host: 'evil.example' },
      { host: '127.0.0.1.evil.example:8123' },
      { origin: 'http://evil.example' },
    ]) {
      assert.equal((await server.ask({ headers, body })).status, 403, JSON.stringify(headers));
    }
    for (const headers of [
      { host: `localhost:${server.port}` },
      { host: '[::1]:1' },
      { origin: 'http://localhost:8088' },
    ]) {
      assert.equal((await server.ask({ headers, body })).status, 200, JSON.stringify(headers));
    }
  });
});

describe('many at once', () => {
  test('twenty fast queries end while three endless ones run', async () => {
    const ids = ['endless-1', 'endless-2', 'endless-3'];
    const stop = new AbortController();
    const ended: string[] = [];
    const endless = ids.map(async (query_id) => {
      // A scalar subquery is worked out before the query starts: it must not hold up the process either.
      const body = 'SELECT (SELECT sum(cityHash64(number)) FROM numbers(1000000000000))';
      const search = { query_id, max_threads: '1' };
      const how = await server
        .ask({ body, search, as: 'writer', signal: stop.signal })
        .catch(() => 'stopped');
      ended.push(how === 'stopped' ? how : 'ended by itself');
    });
    await server.untilRunning(ids);
    for (let i = 0; i < 20; i += 1) ended.push((await server.ask({ body: 'SELECT 1' })).text);
    await server.untilRunning(ids);
    stop.abort();
    await Promise.all(endless);
    assert.deepEqual(ended, [...Array(20).fill('1\n'), 'stopped', 'stopped', 'stopped']);
    await server.untilRunning([]);
  });

  test('two queries with one id are not run together', async () => {
    const search = { query_id: 'twice' };
    const first = server.ask({ body: 'SELECT sleep(2)', search, as: 'writer' });
    await server.untilRunning(['twice']);
    const second = await server.ask({ body: 'SELECT 1', search });
    assert.equal(second.code, '216');
    assert.equal((await first).status, 200);
    assert.equal((await server.ask({ body: 'SELECT 1', search })).status, 200);
  });
});
