import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isForeignOrigin, isLoopbackHost, roleOf } from '../../../../deploy/embedded/clickhouse/access.ts';
import { midStream } from '../../../../deploy/embedded/clickhouse/answer.ts';
import { httpStatus, toException } from '../../../../deploy/embedded/clickhouse/errors.ts';
import { createGate } from '../../../../deploy/embedded/clickhouse/gate.ts';
import { fromFile, splitInsert } from '../../../../deploy/embedded/clickhouse/insert-body.ts';
import { slots } from '../../../../deploy/embedded/clickhouse/limits.ts';
import { parseRequest } from '../../../../deploy/embedded/clickhouse/request.ts';
import { prepare, quoted } from '../../../../deploy/embedded/clickhouse/settings.ts';
import { readStatement, withOutput } from '../../../../deploy/embedded/clickhouse/statement.ts';
import { tokens } from '../../../../deploy/embedded/clickhouse/tokens.ts';

describe('tokens', () => {
  test('keep strings, names, comments and brackets apart', () => {
    const found = [...tokens(`SELECT 'a''b\\'c' AS "q""x", f(1e-3, t.1)/* ( */ -- '\n# x\n, $t$ ; $t$`)];
    assert.deepEqual(
      found.map((token) => [token.kind, token.text, token.depth]),
      [
        ['word', 'SELECT', 0],
        ['string', "'a''b\\'c'", 0],
        ['word', 'AS', 0],
        ['quoted', 'q""x', 0],
        ['symbol', ',', 0],
        ['word', 'f', 0],
        ['symbol', '(', 0],
        ['number', '1e-3', 1],
        ['symbol', ',', 1],
        ['word', 't', 1],
        ['symbol', '.', 1],
        ['number', '1', 1],
        ['symbol', ')', 0],
        ['symbol', ',', 0],
        ['string', '$t$ ; $t$', 0],
      ],
    );
  });

  test('cover the text: nothing but space and comments is left out', () => {
    const sql = "SELECT a+b, 'x', [1,2], {p:String}, `ü` FROM t WHERE a <> 1 AND x::Int8 -- end";
    const covered = [...tokens(sql)].map((token) => sql.slice(token.at, token.end)).join('');
    assert.equal(covered, sql.replace(' -- end', '').replace(/ /g, ''));
  });
});

describe('a statement', () => {
  test('knows its first word, its format and its end', () => {
    for (const [sql, first, format] of [
      ['select 1 format JSON', 'SELECT', 'JSON'],
      ['SELECT 1 FORMAT JSON SETTINGS a = 1', 'SELECT', 'JSON'],
      ['SELECT format FROM t', 'SELECT', undefined],
      ["SELECT 'FORMAT JSON'", 'SELECT', undefined],
      ['SELECT * FROM (SELECT 1 FORMAT CSV)', 'SELECT', undefined],
      ['-- x\n(SELECT 1)', '(', undefined],
      ['WITH 1 AS x INSERT INTO t SELECT x', 'INSERT', undefined],
      ['WITH (SELECT 1) AS insert_x SELECT 1', 'WITH', undefined],
    ] as const) {
      const statement = readStatement(sql);
      assert.deepEqual([statement.first, statement.format], [first, format], sql);
    }
  });

  test('is several only where something follows the semicolon', () => {
    assert.equal(readStatement('SELECT 1; ; -- no').several, false);
    assert.equal(readStatement("SELECT ';'").several, false);
    assert.equal(readStatement('SELECT 1; SELECT 2').several, true);
  });

  test('takes an output clause before its format and before its semicolon', () => {
    const put = (sql: string): string => withOutput(readStatement(sql), 'INTO X', 'TSV').replace(/\s+/g, ' ');
    assert.equal(put('SELECT 1 -- c'), 'SELECT 1 INTO X FORMAT TSV');
    assert.equal(put('SELECT 1; '), 'SELECT 1 INTO X FORMAT TSV');
    assert.equal(put('SELECT 1 SETTINGS a=1 FORMAT CSV;'), 'SELECT 1 SETTINGS a=1 INTO X FORMAT CSV');
  });
});

describe('an INSERT with data', () => {
  test('is split where the server splits it', () => {
    for (const [text, head, format, data] of [
      ['INSERT INTO t FORMAT CSV\n1,2', 'INSERT INTO t', 'CSV', '1,2'],
      ['insert into t (a, b) settings x=1 format Avro', 'insert into t (a, b) settings x=1', 'Avro', ''],
      ['INSERT INTO t FORMAT JSONEachRow {"a":1}', 'INSERT INTO t', 'JSONEachRow', '{"a":1}'],
      ['INSERT INTO t FORMAT TSV\r\n\n1', 'INSERT INTO t', 'TSV', '\n1'],
      ['INSERT INTO format FORMAT CSV 1', 'INSERT INTO format', 'CSV', '1'],
      [
        "INSERT INTO FUNCTION f('FORMAT X') FORMAT CSV\n\u0000\u00ff'",
        "INSERT INTO FUNCTION f('FORMAT X')",
        'CSV',
        "\u0000\u00ff'",
      ],
      [
        "INSERT INTO t (a) SELECT a FROM input('a Int8') WHERE (SELECT 1) = 1 FORMAT CSV\n1",
        "INSERT INTO t (a) SELECT a FROM input('a Int8') WHERE (SELECT 1) = 1",
        'CSV',
        '1',
      ],
    ] as const) {
      const split = splitInsert(text);
      assert.deepEqual([split?.head, split?.format, text.slice(split?.dataAt)], [head, format, data], text);
    }
    for (const text of [
      'INSERT INTO t VALUES (1)',
      'INSERT INTO t SELECT 1 FORMAT CSV',
      "INSERT INTO t SELECT 'input(1)' AS input FORMAT CSV",
      'SELECT 1 FORMAT CSV\n1',
      '',
    ]) {
      assert.equal(splitInsert(text), undefined, text);
    }
  });

  test('reads from a file with its settings behind the file', () => {
    assert.equal(
      fromFile({ head: 'INSERT INTO t (settings) SETTINGS a = 1', format: 'Avro', path: '/x' }),
      "INSERT INTO t (settings)  FROM INFILE '/x' COMPRESSION 'none' SETTINGS a = 1 FORMAT Avro",
    );
  });

  test('that selects from input() selects from the file', () => {
    const head =
      "INSERT INTO t SELECT upper(a) FROM input('a Enum8(\\'b)\\' = 1)') WHERE (a) != '' SETTINGS x = 1";
    assert.equal(
      fromFile({ head, format: 'CSV', path: '/x' }),
      "INSERT INTO t SELECT upper(a) FROM file('/x', 'CSV', 'a Enum8(\\'b)\\' = 1)') WHERE (a) != '' SETTINGS x = 1",
    );
  });
});

describe('a request', () => {
  const parse = (path: string, headers = {}, method = 'POST') =>
    parseRequest({ method, url: new URL(path, 'http://localhost'), headers });

  test('is taken apart into parameters, settings and what belongs to HTTP', () => {
    const parsed = parse(
      '/?query=SELECT+1&param_a=x&max_threads=2&wait_end_of_query=1&http_zlib_compression_level=3',
    );
    assert.ok(parsed.status === 'ok');
    assert.deepEqual(parsed.request.params, [['param_a', 'x']]);
    assert.deepEqual(parsed.request.settings, [['max_threads', '2']]);
    assert.equal(parsed.request.waitEnd, true);
    assert.equal(parsed.request.format, 'TabSeparated');
  });

  test('has its credentials from headers first, so that a link cannot change who asks', () => {
    const authorization = `Basic ${Buffer.from('u:p:q').toString('base64')}`;
    const from = (path: string, headers: Record<string, string>): unknown => {
      const parsed = parse(path, headers);
      return parsed.status === 'ok' ? parsed.request.credentials : undefined;
    };
    assert.deepEqual(from('/?user=x&password=y', { authorization }), { user: 'u', password: 'p:q' });
    assert.deepEqual(from('/?user=x', { 'x-clickhouse-user': 'h', authorization }), {
      user: 'h',
      password: '',
    });
    assert.deepEqual(from('/?user=x&password=y', {}), { user: 'x', password: 'y' });
  });

  test('becomes SET statements that no value can break out of', () => {
    const text = "'; DROP TABLE t; -- \\";
    const limits = { max_memory_usage: 10, max_execution_time: 30, max_result_rows: 0, max_result_bytes: 0 };
    const common = {
      readonly: false,
      database: 'd`b',
      params: [['param_x', text]] as const,
      limits,
      tag: text,
    };
    const prepared = prepare({
      ...common,
      role: 'reader',
      settings: [
        ['max_execution_time', '99'],
        ['readonly', '0'],
      ],
    });
    assert.ok(prepared.status === 'ok');
    assert.equal(
      prepared.preparation.before,
      `SET max_query_size = '67108864'; USE \`d\\\`b\`; SET implicit_select = '0', compile_expressions = '0', compile_aggregate_expressions = '0', compile_sort_description = '0', async_insert = '0', log_comment = ${quoted(text)}, param_x = ${quoted(text)}`,
    );
    assert.equal(
      prepared.preparation.after,
      "SET max_memory_usage = '10', max_execution_time = '30', readonly = '1'",
    );
    assert.equal(quoted(text), "'\\'; DROP TABLE t; -- \\\\'");
    assert.equal(prepare({ ...common, role: 'reader', settings: [['dialect', 'kusto']] }).status, 'refused');
    assert.equal(prepare({ ...common, role: 'writer', settings: [['dialect', 'kusto']] }).status, 'ok');
  });
});

describe('who asks', () => {
  test('is driftwatch only with name and password, and a reader only without a password', () => {
    const role = (user: string, password: string): string => {
      const found = roleOf({ user, password }, 'secret');
      return found.status === 'ok' ? found.role : found.status;
    };
    assert.equal(role('driftwatch', 'secret'), 'writer');
    assert.equal(role('', ''), 'reader');
    assert.equal(role('reader', ''), 'reader');
    for (const [user, password] of [
      ['driftwatch', ''],
      ['driftwatch', 'Secret'],
      ['', 'secret'],
      ['admin', ''],
    ] as const) {
      assert.equal(role(user, password), 'refused', user);
    }
    assert.equal(roleOf({ user: 'driftwatch', password: '' }, '').status, 'refused');
  });

  test('asks this machine by a name that means it', () => {
    for (const host of ['localhost', 'LOCALHOST:80', '127.0.0.1:8123', '[::1]:1'])
      assert.ok(isLoopbackHost(host), host);
    for (const host of [
      undefined,
      '',
      'localhost.evil',
      'evil',
      '127.0.0.1.evil:1',
      'a@localhost',
      '0.0.0.0',
    ]) {
      assert.ok(!isLoopbackHost(host), host);
    }
    assert.ok(!isForeignOrigin(undefined));
    assert.ok(!isForeignOrigin('http://localhost:8088'));
    assert.ok(isForeignOrigin('https://evil.example') && isForeignOrigin('null'));
  });
});

describe('exceptions', () => {
  test('are unwrapped to the innermost, and lose our own paths', () => {
    const nested =
      'Code: 73. DB::Exception: Code: 73. DB::Exception: Code: 73. DB::Exception: Unknown format /p/x. (UNKNOWN_FORMAT) (version 1). (UNKNOWN_FORMAT) (version 1). (UNKNOWN_FORMAT)';
    const { code, type, message } = toException(new Error(nested), ['/p/x']);
    assert.deepEqual([code, type, message], [73, 'UNKNOWN_FORMAT', 'Unknown format request body.']);
    assert.equal(toException(new Error('odd')).code, 1002);
    assert.equal(toException(Object.assign(new Error('x'), { code: 'ENOSPC' })).code, 243);
  });

  test('have the status of the server', () => {
    const statuses = [60, 62, 516, 48, 159, 229, 241, 164].map(httpStatus);
    assert.deepEqual(statuses, [404, 400, 403, 501, 408, 413, 500, 500]);
  });

  test('are framed with their length in bytes', () => {
    assert.equal(midStream('ü\n', 'tag'), '\r\n__exception__\r\ntag\r\nü\n3 tag\r\n__exception__\r\n');
  });
});

describe('the gate', () => {
  test('lets so many in, the others in order, and turns away those beyond the line', async () => {
    const gate = createGate({ size: 1, line: 2 });
    const order: number[] = [];
    const first = await gate.enter();
    const later = [1, 2].map(async (i) => {
      const release = await gate.enter();
      order.push(i);
      release?.();
    });
    assert.equal(await gate.enter(), undefined);
    first?.();
    await Promise.all(later);
    assert.deepEqual(order, [1, 2]);
    const again = await gate.enter();
    assert.ok(again);
  });

  test('leaves threads of the pool free, whatever its size', () => {
    for (const pool of [16, 17, 32, 128]) {
      const { writer, reader } = slots(pool);
      assert.equal(writer + reader, pool - 4);
      assert.ok(writer >= 6 && reader >= 6);
    }
  });
});
