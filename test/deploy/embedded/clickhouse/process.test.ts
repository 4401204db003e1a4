import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePort, launch, startEmbeddedClickHouse } from '../../../fixtures/embedded-clickhouse.ts';

const POOL = { UV_THREADPOOL_SIZE: '16' };
let home = '';
let password = '';

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'driftwatch-clickhouse-'));
  password = join(home, 'secret');
  await writeFile(password, 'a password for tests only\n', { mode: 0o600 });
});
after(() => rm(home, { recursive: true, force: true }));

function options(directory: string, port: number): string[] {
  const where = ['--directory', join(home, directory), '--temporary', join(home, `${directory}-temporary`)];
  return ['--port', String(port), ...where, '--password-file', password];
}

/** Starts a process that is expected to refuse, and gives what it said. */
async function refusal(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const { exited, output } = launch(args, environment);
  assert.equal(await exited, 1, output());
  const text = output();
  assert.doesNotMatch(text, /\n\s+at /, `a stack trace: ${text}`);
  assert.equal(text.trim().split('\n').length, 1, text);
  return text;
}

test('without a thread pool of 16 it refuses to start with a sentence', async () => {
  const port = await freePort();
  assert.match(
    await refusal(options('pool', port), {}),
    /^CONFIG_INVALID: UV_THREADPOOL_SIZE must be 16 or more/,
  );
  assert.match(await refusal(options('pool', port), { UV_THREADPOOL_SIZE: '4' }), /not 4\./);
});

test('a second process on the directory is refused with a sentence, and the first goes on', async (t) => {
  const directory = join(home, 'locked');
  const server = await startEmbeddedClickHouse({ port: await freePort(), directory });
  t.after(() => server.stop());
  const args = ['--port', String(await freePort()), '--directory', join(directory, 'tables')];
  args.push('--temporary', server.temporary, '--password-file', password);
  assert.match(
    await refusal(args, POOL),
    /^DIRECTORY_LOCKED: The ClickHouse directory .* another process has it open/,
  );
  assert.equal(await (await fetch(`${server.url}/?query=SELECT+1`)).text(), '1\n');
  assert.equal(await server.stop(), 0);
});

test('a port in use is a sentence', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const address = blocker.address();
  assert.ok(typeof address === 'object' && address !== null);
  assert.match(await refusal(options('port', address.port), POOL), /^PORT_IN_USE: /);
  blocker.close();
});

test('missing options and a weak password are sentences', async () => {
  assert.match(await refusal(['--port', '1'], POOL), /^CONFIG_INVALID: --directory/);
  const weak = join(home, 'weak');
  await writeFile(weak, 'short');
  const args = [
    '--port',
    '18199',
    '--directory',
    join(home, 'w'),
    '--temporary',
    join(home, 'wt'),
    '--password-file',
    weak,
  ];
  assert.match(await refusal(args, POOL), /16 characters/);
});

test('all queries together have a ceiling of memory, and it survives the one that hits it', async (t) => {
  const memoryBytes = 600_000_000;
  const server = await startEmbeddedClickHouse({
    port: await freePort(),
    directory: join(home, 'memory'),
    memoryBytes,
  });
  t.after(() => server.stop());
  const ask = async (body: string): Promise<string> =>
    (await fetch(server.url, { method: 'POST', body })).text();
  assert.match(
    await ask('SELECT length(groupArray(number)) FROM numbers(60000000)'),
    /^Code: 241\. .*\(total\)/,
  );
  assert.equal(await ask('SELECT 1'), '1\n');
});

test('SIGTERM ends it with status 0 in the middle of a query, and the rows are there again', async (t) => {
  const directory = join(home, 'again');
  const port = await freePort();
  const first = await startEmbeddedClickHouse({ port, directory });
  t.after(() => first.stop());
  const headers = {
    authorization: `Basic ${Buffer.from(`${first.username}:${first.password}`).toString('base64')}`,
  };
  const write = async (body: string): Promise<string> => {
    const reply = await fetch(first.url, { method: 'POST', headers, body });
    assert.equal(reply.status, 200, body);
    return reply.text();
  };
  await write('CREATE TABLE kept (a Int64) ENGINE = MergeTree ORDER BY a');
  await write('INSERT INTO kept VALUES (1), (2)');
  const endless = fetch(`${first.url}/?query_id=endless`, {
    method: 'POST',
    body: 'SELECT sum(number) FROM numbers(1000000000000)',
  });
  const broken = assert.rejects(endless);
  while (!(await write("SELECT Settings['log_comment'] FROM system.processes")).includes('endless'));
  await writeFile(join(first.temporary, 'left-over.body'), 'x');
  assert.equal(await first.stop(), 0);
  await broken;
  const second = await startEmbeddedClickHouse({ port, directory });
  t.after(() => second.stop());
  assert.equal(await (await fetch(`${second.url}/?query=SELECT+sum(a)+FROM+kept`)).text(), '3\n');
  assert.ok(
    !(await readdir(second.temporary)).includes('left-over.body'),
    'the temporary folder is wiped at start',
  );
  assert.equal(await second.stop(), 0);
});

test('after SIGKILL in the middle of an insert it starts again with whole inserts only', async (t) => {
  const directory = join(home, 'killed');
  const port = await freePort();
  const first = await startEmbeddedClickHouse({ port, directory });
  t.after(() => first.stop());
  const headers = {
    authorization: `Basic ${Buffer.from(`${first.username}:${first.password}`).toString('base64')}`,
  };
  const write = (url: string, body: string): Promise<Response> =>
    fetch(url, { method: 'POST', headers, body });
  await write(first.url, 'CREATE TABLE whole (k Int64, a Int64) ENGINE = MergeTree ORDER BY (k, a)');
  const acknowledged: number[] = [];
  const writing = (async () => {
    for (let k = 0; ; k += 1) {
      const body = Array.from({ length: 20_000 }, (_, a) => `${k}\t${a}`).join('\n');
      const reply = await write(`${first.url}/?query=INSERT+INTO+whole+FORMAT+TSV`, body);
      if (reply.status === 200) acknowledged.push(k);
      if (k === 5) process.kill(first.pid, 'SIGKILL');
    }
  })();
  await assert.rejects(writing);
  const second = await startEmbeddedClickHouse({ port, directory });
  t.after(() => second.stop());
  const sql = 'SELECT k, count() AS n FROM whole GROUP BY k ORDER BY k FORMAT JSONCompactEachRow';
  const text = await (await fetch(second.url, { method: 'POST', body: sql })).text();
  const found = text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  assert.ok(found.length >= acknowledged.length);
  assert.ok(acknowledged.length >= 6);
  for (const row of found) assert.equal(Array.isArray(row) ? Number(row[1]) : 0, 20_000);
  assert.equal(await second.stop(), 0);
});
