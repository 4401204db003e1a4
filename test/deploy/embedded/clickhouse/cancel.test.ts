import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { createClient } from '@clickhouse/client';
import { type Started, startForTest } from './started.ts';

const ENDLESS = 'SELECT sum(cityHash64(number)) FROM numbers(1000000000000)';
let server: Started;

before(async () => {
  server = await startForTest();
  await server.write('CREATE TABLE slow (a Int64) ENGINE = MergeTree ORDER BY a');
});
after(() => server.remove());

test('a query whose client goes away is gone from system.processes', async () => {
  for (const as of ['reader', 'writer'] as const) {
    const stop = new AbortController();
    const asked = server.ask({ body: ENDLESS, search: { query_id: `left-${as}` }, as, signal: stop.signal });
    await server.untilRunning([`left-${as}`]);
    stop.abort();
    await assert.rejects(asked);
    await server.untilRunning([]);
  }
});

test('so is one that goes away in the middle of its answer, and one that stops reading and goes away', async () => {
  const body = 'SELECT number FROM numbers(100000000000)';
  const stop = new AbortController();
  const asked = server.ask({
    body,
    search: { query_id: 'midway' },
    as: 'writer',
    signal: stop.signal,
    onData: () => stop.abort(),
  });
  await assert.rejects(asked);
  await server.untilRunning([]);
  const socket = connect(server.port, '127.0.0.1');
  const credentials = Buffer.from(`${server.username}:${server.password}`).toString('base64');
  socket.write(
    `POST /?query_id=stalled HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic ${credentials}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await new Promise((resolve) => socket.once('readable', resolve));
  await server.untilRunning(['stalled']);
  socket.destroy();
  await server.untilRunning([]);
});

test('the stock client cancels with its abort signal', async () => {
  const { url, username, password } = server;
  const client = createClient({ url, username, password });
  const stop = new AbortController();
  const asked = client.query({ query: ENDLESS, query_id: 'by-signal', abort_signal: stop.signal });
  await server.untilRunning(['by-signal']);
  stop.abort();
  await assert.rejects(asked);
  await server.untilRunning([]);
  await client.close();
});

test('an insert carries its query id as log_comment, and can be killed by it', async () => {
  const { url, username, password } = server;
  const client = createClient({ url, username, password });
  await server.write('CREATE VIEW endless AS SELECT toInt64(number) AS a FROM numbers(1000000000000)');
  const asked = client.command({
    query: 'INSERT INTO slow SELECT a FROM endless WHERE NOT ignore(sleepEachRow(0.00001))',
    query_id: 'tag-of-insert',
  });
  const outcome = assert.rejects(asked, { code: '394' });
  await server.untilRunning(['tag-of-insert']);
  await server.write("KILL QUERY WHERE Settings['log_comment'] = 'tag-of-insert' ASYNC");
  await outcome;
  await server.untilRunning([]);
  await client.close();
});

test('an insert whose client breaks off in the middle of its body keeps nothing and leaves no file', async () => {
  await server.write('TRUNCATE TABLE slow');
  const credentials = Buffer.from(`${server.username}:${server.password}`).toString('base64');
  const socket = connect(server.port, '127.0.0.1');
  const head = `POST /?query=INSERT+INTO+slow+FORMAT+TSV HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic ${credentials}\r\nContent-Length: 10000000\r\n\r\n`;
  socket.write(head + '1\n'.repeat(200_000));
  const bodies = async (): Promise<string[]> =>
    (await readdir(server.temporary)).filter((name) => name.endsWith('.body'));
  while ((await bodies()).length === 0);
  socket.destroy();
  while ((await bodies()).length > 0);
  assert.equal(await server.write('SELECT count() FROM slow'), '0\n');
});

test('a full line of readers does not keep driftwatch from writing, and all are answered', async () => {
  const stop = new AbortController();
  const ids = Array.from({ length: 6 }, (_, i) => `hog-${i}`);
  const hogs = ids.map((query_id) =>
    server
      .ask({ body: ENDLESS, search: { query_id, max_threads: '1' }, signal: stop.signal })
      .catch(() => 'stopped'),
  );
  await server.untilRunning(ids);
  const waiting = Array.from({ length: 20 }, () => server.ask({ body: 'SELECT 1' }));
  await server.write('INSERT INTO slow VALUES (1)');
  stop.abort();
  assert.deepEqual(await Promise.all(hogs), Array(6).fill('stopped'));
  for (const reply of await Promise.all(waiting)) assert.equal(reply.text, '1\n');
  await server.untilRunning([]);
});

test('answers stay whole while other clients break off', async () => {
  const size = 3_000_000;
  const breaking = Array.from({ length: 10 }, async () => {
    const stop = new AbortController();
    const body = `SELECT number FROM numbers(${size * 100})`;
    await server
      .ask({ body, as: 'writer', signal: stop.signal, onData: () => stop.abort() })
      .catch(() => undefined);
  });
  const whole = Array.from({ length: 4 }, () =>
    server.ask({ body: `SELECT max(number), count() FROM numbers(${size})` }),
  );
  const long = await server.ask({ body: 'SELECT number FROM numbers(200000)', as: 'writer' });
  assert.equal(long.text.split('\n').length, 200_001);
  for (const reply of await Promise.all(whole)) assert.equal(reply.text, `${size - 1}\t${size}\n`);
  await Promise.all(breaking);
  await server.untilRunning([]);
});

test('a body of a size that memory would feel arrives whole', async () => {
  await server.write('CREATE TABLE big (s String) ENGINE = MergeTree ORDER BY tuple()');
  const line = `${randomBytes(512).toString('hex')}\n`;
  const { url, username, password } = server;
  const client = createClient({ url, username, password });
  const values = Readable.from(
    Array.from({ length: 640 }, () => Buffer.from(line.repeat(100))),
    { objectMode: false },
  );
  const sent = await client.exec({ query: 'INSERT INTO big FORMAT TSV', values });
  sent.stream.resume();
  assert.equal(await server.write('SELECT count(), sum(length(s)) FROM big'), `64000\t${64_000 * 1024}\n`);
  await client.close();
});
