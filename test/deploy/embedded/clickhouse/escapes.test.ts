import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { READER_TABLE_FUNCTIONS } from '../../../../deploy/embedded/clickhouse/reader-lists.ts';
import { type Started, startForTest } from './started.ts';

const SECRET = 'the-secret-line';
let server: Started;
/** A file that no reader may see. */
let file = '';
let port = 0;

before(async () => {
  server = await startForTest();
  port = server.port;
  file = join(server.directory, 'secret.csv');
  writeFileSync(file, `${SECRET}\n`);
  await server.write(
    "CREATE TABLE plain (a Int64 COMMENT 'a number', b String) ENGINE = MergeTree ORDER BY a",
  );
  await server.write("INSERT INTO plain VALUES (1, 'x'), (2, 'y')");
  await server.write('CREATE VIEW pairs AS SELECT a, b FROM plain');
  await server.write(`CREATE VIEW leak AS SELECT * FROM file('${file}', 'LineAsString')`);
});
after(() => server.remove());

async function refused(body: string, search: Readonly<Record<string, string>> = {}): Promise<void> {
  const reply = await server.ask({ body, search });
  assert.ok(
    [400, 403, 500, 501].includes(reply.status),
    `${body} was answered with ${reply.status}: ${reply.text}`,
  );
  assert.ok(['497', '164', '62', '36', '48'].includes(reply.code ?? ''), `${body}: ${reply.text}`);
  assert.ok(!reply.text.includes(SECRET), body);
}

describe('files of this machine', () => {
  test('cannot be read by any of the ways that work for driftwatch itself', async () => {
    const ways = [
      `SELECT * FROM file('${file}', 'LineAsString')`,
      `SELECT * FROM "file"('${file}', 'LineAsString')`,
      `SELECT * FROM \`file\` /* apart */ ('${file}', 'LineAsString')`,
      `SELECT * FROM (SELECT * FROM file('${file}', 'LineAsString') SETTINGS readonly = 0)`,
      `WITH x AS (SELECT * FROM file('${file}', 'LineAsString') SETTINGS readonly = 0) SELECT * FROM x`,
      `SELECT (SELECT * FROM file('${file}', 'LineAsString') LIMIT 1 SETTINGS readonly = 0)`,
      `SELECT 'x' UNION ALL SELECT * FROM file('${file}', 'LineAsString')`,
      `SELECT * FROM view(SELECT * FROM file('${file}', 'LineAsString'))`,
      `SELECT * FROM remote('127.0.0.1', file('${file}', 'LineAsString'))`,
      `SELECT file('${file}')`,
      `SELECT file($$${file}$$)`,
      `SELECT "file"('${file}')`,
      `SELECT f FROM (SELECT file('${file}') AS f)`,
      `SELECT arrayMap(x -> file(x), ['${file}'])`,
      `SELECT arrayMap(file, ['${file}'])`,
      `SELECT * APPLY (file) FROM (SELECT '${file}' AS x)`,
      `SELECT * APPLY (x -> file(x)) FROM (SELECT '${file}' AS x)`,
      `SELECT COLUMNS('x') APPLY file FROM (SELECT '${file}' AS x)`,
      `SELECT * REPLACE (file(x) AS x) FROM (SELECT '${file}' AS x)`,
      `SELECT a FROM (SELECT 1 AS n, '' AS a) ORDER BY n WITH FILL TO 3 INTERPOLATE (a AS file('${file}'))`,
      `SELECT any(file('${file}')) OVER (ORDER BY 1)`,
      `SELECT * FROM default."${file}"`,
      `SELECT * FROM default.\`${file}\``,
      `SELECT x FROM (SELECT '${SECRET}' AS x) WHERE x IN default."${file}"`,
      `SELECT x FROM (SELECT '${SECRET}' AS x) WHERE x IN (default."${file}")`,
      `SELECT x FROM (SELECT '${SECRET}' AS x) JOIN default."${file}" AS f ON f.c1 = x`,
      `SELECT * FROM format('LineAsString', file('${file}'))`,
      `SELECT 1 //' \n , file('${file}') //'`,
      `SELECT 1 # ' \n , file('${file}') # '`,
      `SELECT 1 -- ' \n , file('${file}') -- '`,
      `SELECT file(\u2018${file}\u2019)`,
      `SELECT \u201cfile\u201d('${file}')`,
    ];
    for (const way of ways) {
      const open = await server.ask({ body: way, as: 'writer' });
      assert.ok(open.text.includes(SECRET), `no escape at all, so no proof: ${way}: ${open.text}`);
      await refused(way);
    }
  });

  test('cannot be reached through parameters that become names', async () => {
    const way = { body: 'SELECT * FROM default.{t:Identifier}', search: { param_t: file } };
    assert.ok((await server.ask({ ...way, as: 'writer' })).text.includes(SECRET));
    await refused(way.body, way.search);
    await refused('SELECT * FROM {t:Identifier}', { param_t: 'x\n      Set' });
    await refused('SELECT * FROM {d:Identifier}.{t:Identifier}', { param_d: 'system', param_t: 'processes' });
    assert.equal(
      (await server.ask({ body: 'SELECT count() FROM {t:Identifier}', search: { param_t: 'plain' } })).text,
      '2\n',
    );
  });

  test('cannot be told apart by the conditions that a syntax tree hides', async () => {
    await refused(`SHOW TABLES WHERE file('${file}') != ''`);
    await refused(`SHOW COLUMNS FROM plain WHERE file('${file}') != ''`);
    await refused(`SHOW TABLES WHERE name IN default."${file}"`);
    await refused(`SHOW TABLES WHERE 1`);
    await refused(`SHOW TABLES //' \n WHERE file('${file}') != '' //'`);
    await refused(`DESCRIBE file('${file}')`);
    await refused(`DESCRIBE TABLE default."${file}"`);
    await refused(`DESCRIBE (SELECT * FROM file('${file}'))`);
    await refused(`EXISTS TABLE default."${file}"`);
    await refused(`EXPLAIN SELECT * FROM file('${file}')`);
    await refused(`EXPLAIN SELECT 1 SETTINGS readonly = 0`);
    await refused(`EXPLAIN TABLE OVERRIDE mysql('h', 'd', 't', 'u', 'p') PARTITION BY 1`);
    await refused(`SELECT * FROM (EXPLAIN SELECT * FROM file('${file}'))`);
  });

  test('cannot be written', async () => {
    const target = join(server.directory, 'written');
    for (const body of [
      `SELECT 1 INTO OUTFILE '${target}'`,
      `SELECT 1 INTO /* apart */ OUTFILE '${target}' TRUNCATE FORMAT CSV`,
      `SHOW TABLES INTO OUTFILE '${target}'`,
      `EXPLAIN SELECT 1 INTO OUTFILE '${target}'`,
      `DESCRIBE TABLE plain INTO OUTFILE '${target}'`,
      // Comments that hide a clause from one reading, and clauses that EXPLAIN could take for its own.
      `SELECT 1 //' \n INTO OUTFILE '${target}' //'`,
      `SELECT 1 FORMAT JSON //' \n INTO OUTFILE '${target}' //'`,
      `SELECT 1 FORMAT JSON INTO OUTFILE '${target}'`,
      `SELECT 1 FORMAT "JSON" INTO OUTFILE '${target}'`,
      `SELECT 1 # ' \n INTO OUTFILE '${target}' # '`,
      `INSERT INTO FUNCTION file('${target}', 'CSV') SELECT 1`,
    ]) {
      await refused(body);
      await refused(body, { wait_end_of_query: '1' });
    }
    const settings = { output_format_schema: target, output_format_avro_codec: 'null' };
    await refused('SELECT 1 FORMAT CapnProto', settings);
    await refused('SELECT 1', settings);
    assert.equal(existsSync(target), false);
  });

  test('cannot even be read through a view that the owner made by mistake', async () => {
    assert.equal(await server.write('SELECT * FROM leak'), `${SECRET}\n`);
    await refused('SELECT * FROM leak');
  });
});

describe('other machines and other programs', () => {
  test('cannot be reached by any table function', async () => {
    const names = (await server.write('SELECT name FROM system.table_functions')).trim().split('\n');
    assert.ok(names.length > 80);
    for (const name of names.filter((known) => !READER_TABLE_FUNCTIONS.has(known))) {
      await refused(`SELECT * FROM ${name}()`);
      await refused(`SELECT * FROM ${name}('127.0.0.1:1', 'a', 'b', 'c', 'd')`);
      await refused(`DESCRIBE ${name}('x')`);
    }
  });

  test('cannot be reached over the loopback, not even this server', async () => {
    const url = `http://127.0.0.1:${port}/ping`;
    const way = `SELECT * FROM url('${url}', 'LineAsString')`;
    assert.equal((await server.ask({ body: way, as: 'writer' })).text, 'Ok.\n');
    await refused(way);
    await refused(`SELECT * FROM (${way} SETTINGS readonly = 0)`);
    await refused(`SELECT * FROM remote('127.0.0.1', system.processes)`);
    await refused(`SELECT * FROM remote('127.0.0.1', view(SELECT 1))`);
    await refused(`SELECT hasColumnInTable('127.0.0.1:9000', 'system', 'one', 'dummy')`);
  });

  test('cannot be reached by a function either', async () => {
    for (const call of [
      "catboostEvaluate('/tmp/model', 1)",
      "hasColumnInTable('system', 'one', 'dummy')",
      "aiGenerate('x')",
      "dictGet('d', 'a', 1)",
      "dictHas('d', 1)",
      "joinGet('system.one', 'dummy', 1)",
      "generateSerialID('x')",
      "logTrace('x')",
      "getServerSetting('max_connections')",
      'filesystemAvailable()',
      'addressToSymbol(1)',
      'showCertificate()',
      "__getScalar('x')",
    ]) {
      await refused(`SELECT ${call}`);
    }
  });

  test('have no new way in: the functions of this engine are those that were looked through', async () => {
    const known = await server.write(
      "SELECT count(), hex(SHA256(arrayStringConcat(groupArray(name), ' '))) FROM (SELECT name FROM system.functions ORDER BY name)",
    );
    const tables = await server.write(
      "SELECT count(), hex(SHA256(arrayStringConcat(groupArray(name), ' '))) FROM (SELECT name FROM system.table_functions ORDER BY name)",
    );
    assert.deepEqual(
      [known.trim(), tables.trim()],
      [
        '1825\t8EE95478E26A9ECAC2A354ECE80045965D3EF3866A8C98668DB2BB8A1D9476B0',
        '90\t3DA5BE3BFC6FFA6FDC8B84810A4DECF971329F0E7E657C6649BC642E53CEF199',
      ],
      'a new engine: look through the lists, then take these over',
    );
  });
});

describe('the database', () => {
  test('cannot be written, changed or stopped', async () => {
    for (const body of [
      "INSERT INTO plain VALUES (3, 'z')",
      'INSERT INTO plain FORMAT CSV\n3,z\n',
      'INSERT INTO plain SELECT * FROM plain',
      "WITH 1 AS x INSERT INTO plain SELECT x, 'z'",
      'FROM plain INSERT INTO plain SELECT *',
      "EXPLAIN INSERT INTO plain SELECT 1, 'z'",
      "EXPLAIN AST INSERT INTO plain SELECT 1, 'z'",
      "(INSERT INTO plain VALUES (3, 'z'))",
      'CREATE TABLE more (a Int8) ENGINE = Memory',
      'CREATE TEMPORARY TABLE more (a Int8)',
      'CREATE VIEW more AS SELECT 1',
      "CREATE DICTIONARY more (k UInt64) PRIMARY KEY k SOURCE(HTTP(URL 'http://127.0.0.1/' FORMAT 'CSV')) LAYOUT(FLAT()) LIFETIME(1)",
      'CREATE FUNCTION more AS x -> x',
      'CREATE NAMED COLLECTION more AS a = 1',
      'ALTER TABLE plain DELETE WHERE 1',
      'ALTER TABLE plain ADD COLUMN c Int8',
      'DELETE FROM plain WHERE 1',
      "UPDATE plain SET b = '' WHERE 1",
      'TRUNCATE TABLE plain',
      'DROP TABLE plain',
      'DETACH TABLE plain',
      'RENAME TABLE plain TO other',
      'EXCHANGE TABLES plain AND pairs',
      'OPTIMIZE TABLE plain FINAL',
      'SYSTEM STOP MERGES',
      'SYSTEM SHUTDOWN',
      'KILL QUERY WHERE 1',
      'KILL MUTATION WHERE 1',
      "BACKUP TABLE plain TO File('x')",
      "RESTORE TABLE plain FROM File('x')",
      'GRANT ALL ON *.* TO default',
      'SET readonly = 0',
      'USE system',
      'CHECK TABLE plain',
      'WATCH plain',
      'EXECUTE AS default SELECT 1',
      'BEGIN TRANSACTION',
      'SELECT 1 PARALLEL WITH DROP TABLE plain',
      'SELECT 1; DROP TABLE plain',
      'SELECT 1;\n-- comment\nDROP TABLE plain',
      'EXPLAIN AST SELECT 1; DROP TABLE plain',
      'SELECT \u201c1\u201d; DROP TABLE plain',
    ]) {
      await refused(body);
      await refused(body, { wait_end_of_query: '1' });
    }
    assert.equal(await server.write('SELECT count(), sum(a), any(b) FROM plain'), '2\t3\tx\n');
    assert.equal(await server.write('SHOW TABLES'), 'leak\npairs\nplain\n');
  });

  test('cannot be left', async () => {
    await server.write('CREATE DATABASE IF NOT EXISTS other');
    await server.write('CREATE TABLE IF NOT EXISTS other.hidden (a Int8) ENGINE = Memory');
    for (const body of [
      'SELECT * FROM other.hidden',
      'SELECT 1 IN other.hidden',
      'SELECT * FROM plain JOIN other.hidden USING a',
      "SELECT * FROM merge('other', '.*')",
      'DESCRIBE other.hidden',
      'SELECT query FROM system.processes',
      'SELECT 1 IN system.processes',
      'SELECT (SELECT count() FROM system.processes)',
      'SHOW PROCESSLIST',
      'SHOW GRANTS',
      'SELECT * FROM system.named_collections',
      'SELECT * FROM system.server_settings',
      'SELECT * FROM system.query_cache',
      'SELECT * FROM system.table_that_comes_later',
    ]) {
      await refused(body);
    }
    await refused('SELECT * FROM processes', { database: 'system' });
    await refused('SELECT * FROM hidden', { database: 'other' });
  });
});

describe('the limits', () => {
  test('cannot be lifted in the query or in the URL', async () => {
    for (const body of [
      'SELECT 1 SETTINGS max_execution_time = 0',
      'SELECT 1 SETTINGS readonly = 1, readonly = 0',
      'SELECT * FROM (SELECT 1 SETTINGS max_memory_usage = 0)',
      'SELECT 1 FORMAT JSON SETTINGS max_threads = 1',
      '(SELECT 1 SETTINGS max_threads = 1) UNION ALL SELECT 2',
    ]) {
      await refused(body);
    }
    for (const [name, value] of [
      ['dialect', 'kusto'],
      ['additional_table_filters', "{'plain': 'file(\\'x\\') = 1'}"],
      ['additional_result_filter', "file('x') = 1"],
      ['implicit_table_at_top_level', file],
      ['format_schema', 'x:y'],
      ['format_template_row', file],
      ['allow_introspection_functions', '1'],
      ['url_base', 'http://127.0.0.1'],
      ['enable_analyzer', '0'],
      ['use_query_cache', '1'],
    ] as const) {
      const reply = await server.ask({ body: 'SELECT 1', search: { [name]: value } });
      assert.equal(reply.code, '164', name);
    }
    await refused('SELECT 1', { default_format: 'Template' });
    await refused('SELECT 1 FORMAT Protobuf');
  });

  test('hold when a client asks for more, and may be lowered', async () => {
    const asked = {
      readonly: '0',
      max_execution_time: '0',
      max_result_rows: '99999999999',
      max_memory_usage: '5000000',
    };
    const body =
      "SELECT getSetting('readonly'), getSetting('max_execution_time'), getSetting('max_result_rows'), getSetting('max_memory_usage'), getSetting('async_insert')";
    assert.equal((await server.ask({ body, search: asked })).text, '1\t30\t1000000\t5000000\tfalse\n');
  });

  test('end a reader by rows, bytes, memory and time', async () => {
    for (const [body, search, code] of [
      ['SELECT number FROM numbers(1000001)', {}, '396'],
      ['SELECT number FROM numbers(1000001)', { wait_end_of_query: '1' }, '396'],
      ["SELECT repeat('x', 1000 + number % 2) FROM numbers(500000)", {}, '396'],
      // A constant counts once for the engine: here the bytes on the wire are what is limited.
      ["SELECT repeat('x', 1000) FROM numbers(500000)", {}, '396'],
      ["SELECT repeat('x', 1000) FROM numbers(500000)", { wait_end_of_query: '1' }, '396'],
      ['SELECT groupArray(number) FROM numbers(500000000)', {}, '241'],
      ['SELECT sum(cityHash64(number)) FROM numbers(1000000000000)', { max_execution_time: '1' }, '159'],
    ] as const) {
      const reply = await server.ask({ body, search });
      const found = reply.code ?? /Code: (\d+)\./.exec(reply.bytes.subarray(-2000).toString())?.[1];
      assert.equal(found, code, `${body}: ${reply.text.slice(-300)}`);
    }
  });
});

describe('what readers come for', () => {
  test('works', async () => {
    for (const body of [
      'SELECT a, b FROM plain ORDER BY a',
      'SELECT * FROM driftwatch.plain AS p',
      'SELECT a, b FROM pairs',
      'WITH x AS (SELECT a FROM plain) SELECT count() FROM x',
      'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT sum(n) FROM r',
      'SELECT (SELECT max(a) FROM plain), a IN (SELECT a FROM plain), a IN (1, 2), a IN [1], EXISTS (SELECT 1) FROM plain',
      'SELECT b, count() FROM plain GROUP BY b WITH TOTALS ORDER BY b LIMIT 1 BY b LIMIT 5',
      'SELECT a, count() FROM plain GROUP BY GROUPING SETS ((a), ())',
      'SELECT * EXCEPT b REPLACE (a + 1 AS a) FROM plain PREWHERE a > 0 WHERE NOT a = 5 QUALIFY row_number() OVER (ORDER BY a) = 1',
      'SELECT lagInFrame(a) OVER w FROM plain WINDOW w AS (PARTITION BY b ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)',
      'SELECT x, y FROM plain ARRAY JOIN [1, 2] AS x, [3, 4] AS y',
      'SELECT * FROM plain AS p ANY LEFT JOIN (SELECT 1 AS a) AS u USING (a)',
      "SELECT * FROM plain ASOF JOIN (SELECT 1 AS a, 'x' AS b) AS u ON plain.b = u.b AND plain.a >= u.a",
      "SELECT a::String, CAST(a AS Int8), toDate('2013-03-01') + INTERVAL 1 DAY, if(a = 1, 'x', 'y'), CASE a WHEN 1 THEN 2 END, -a, b || 'x', b LIKE 'x%', b IS NULL FROM plain",
      'SELECT quantiles(0.1, 0.9)(a), sumIf(a, a > 0), argMax(b, a), uniqExact(b), arrayMap(x -> x + 1, groupArray(a)), map(1, 2)[1], (1, 2).1 FROM plain',
      'SELECT a FROM plain ORDER BY a WITH FILL FROM 1 TO 5',
      'SELECT 1 UNION DISTINCT SELECT 2 INTERSECT SELECT 2',
      '(SELECT 1) UNION ALL (SELECT 2)',
      'FROM plain SELECT a',
      'SELECT max(a) FROM plain; -- the end',
      'SELECT a AS "späte Flüge", "späte Flüge" + 1 FROM plain',
      "SELECT 'it''s; DROP TABLE plain', 'file(1)', $$ INTO OUTFILE 'x' $$",
      "SELECT URLHash('x'), domain('http://a/b'), hostName() != '', version() != ''",
      'SELECT * FROM numbers(3) AS n, numbers_mt(2) AS m',
      "SELECT * FROM values('a Int8', 1, 2)",
      'SELECT * FROM generate_series(1, 3)',
      'SELECT * FROM generateSeries(1, 3)',
      'SELECT * FROM primes(3)',
      'SELECT * FROM view(SELECT 1)',
      "SELECT name, type, comment FROM system.columns WHERE database = 'driftwatch'",
      'SELECT name, total_rows FROM system.tables WHERE database = currentDatabase()',
      'SELECT sum(rows) FROM system.parts WHERE active',
      'SELECT table_name FROM information_schema.tables LIMIT 1',
      "SELECT value FROM system.settings WHERE name = 'readonly'",
      'SHOW TABLES',
      "SHOW TABLES FROM driftwatch LIKE '%pl%'",
      'SHOW DATABASES',
      'SHOW CREATE TABLE plain',
      'SHOW COLUMNS FROM plain',
      "SHOW SETTINGS LIKE 'readonly'",
      'DESCRIBE TABLE plain',
      'DESC plain',
      'EXISTS TABLE plain',
      'EXPLAIN SELECT * FROM plain',
      'EXPLAIN indexes = 1 SELECT * FROM plain WHERE a = 1',
      'EXPLAIN SYNTAX SELECT 1',
      'EXPLAIN PIPELINE SELECT 1',
      'SELECT 1 FORMAT Parquet',
      'SELECT 1 FORMAT "JSON"',
      'SELECT 1 AS \u201cx\u201d,\u00a0\u2018text\u2019',
      '// a comment\nSELECT 1 // another',
      'SELECT 1 FORMAT JSONCompactEachRowWithNamesAndTypes',
      'SELECT 1 FORMAT PrettyCompact',
    ]) {
      for (const wait of ['0', '1']) {
        const reply = await server.ask({ body, search: { wait_end_of_query: wait } });
        assert.equal(reply.status, 200, `${body}: ${reply.text}`);
      }
    }
    assert.equal(
      (await server.ask({ body: "SELECT 'it''s; DROP TABLE plain', $$ INTO OUTFILE 'x' $$" })).text,
      "it\\'s; DROP TABLE plain\t INTO OUTFILE \\'x\\' \n",
    );
    assert.equal(
      (await server.ask({ body: 'SELECT a AS "späte Flüge" FROM plain ORDER BY a FORMAT CSVWithNames' }))
        .text,
      '"späte Flüge"\n1\n2\n',
    );
  });
});
