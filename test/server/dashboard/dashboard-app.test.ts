import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriftwatchError } from '../../../src/errors.ts';
import { dashboardApp } from '../../../src/server/dashboard/dashboard-app.ts';
import type { DashboardReader, VerdictFilter } from '../../../src/server/dashboard/reader.ts';
import { at, INCIDENT_ID, transition, VERDICT_ID, verdictLine, verdictRow } from './example-rows.ts';
import { fakeReader } from './fake-reader.ts';

test('every page answers on an empty database', async () => {
  const { get } = dashboard();
  for (const path of ['/', '/incidents', '/verdicts', '/models', '/sql']) {
    const { status, text } = await get(path);
    assert.equal(status, 200, path);
    assert.match(text, /<!doctype html>/, path);
  }
});

test('a strict policy and the other headers are on pages, refusals, failures and the style sheet', async () => {
  const { get } = dashboard({
    features: async () => {
      throw new DriftwatchError({
        code: 'CLICKHOUSE_UNREACHABLE',
        message: 'ClickHouse is away.',
        next: 'Start it.',
      });
    },
  });
  for (const path of ['/', '/nowhere', '/incidents/x', '/verdicts', '/style.css']) {
    const { headers } = await get(path);
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'; style-src 'self'; img-src 'self' data:/, path);
    assert.doesNotMatch(policy, /unsafe|script-src/, path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('x-frame-options'), 'DENY', path);
    assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
  }
});

test('what is not there is 404 with a sentence', async () => {
  const { get } = dashboard();
  for (const path of ['/nowhere', `/incidents/${INCIDENT_ID}`, `/verdicts/${VERDICT_ID}`]) {
    const { status, text } = await get(path);
    assert.equal(status, 404, path);
    assert.match(text, /<p>There is no (such page|incident with this id|verdict with this id)\.<\/p>/);
  }
});

test('an address that makes no sense is 400 with a sentence, and nothing is asked of the database', async () => {
  const { get, asked } = dashboard();
  for (const path of [
    '/?model=other',
    '/?kind=drift',
    '/incidents/1%20OR%201',
    '/incidents?model=other',
    '/verdicts/nothing',
    '/verdicts?kind=drift',
    '/verdicts?verdict=fine',
    '/verdicts?from=yesterday',
    '/verdicts?from=2013-02-30',
    '/verdicts?from=2013-05-02&to=2013-05-01',
    '/verdicts?to=9999-01-01',
    '/verdicts?page=0',
    '/verdicts?page=many',
    '/models?model=',
  ]) {
    const { status, text } = await get(path);
    assert.equal(status, 400, path);
    assert.match(text, /<h1>Not a question<\/h1><p>[^<]+\.<\/p>/, path);
  }
  assert.deepEqual(asked, []);
});

test('a database that does not answer is 503 with what to do, without a stack', async () => {
  const { get, logged } = dashboard({
    progress: async () => {
      throw new DriftwatchError({
        code: 'CLICKHOUSE_UNREACHABLE',
        message: 'ClickHouse is away.',
        next: 'Start it.',
      });
    },
  });
  const { status, text } = await get('/');
  assert.equal(status, 503);
  assert.match(text, /ClickHouse is away\. Start it\./);
  assert.doesNotMatch(text, /at .*\.ts/);
  assert.equal(logged.length, 1);
});

test('a request for another host is refused before anything is read', async () => {
  const { app, asked } = dashboard();
  const response = await app.request('http://attacker.example/', { headers: { host: 'attacker.example' } });
  assert.equal(response.status, 403);
  assert.deepEqual(asked, []);
});

test('the filter of the verdicts reaches the reader, with all rows told from any segment', async () => {
  const filters: VerdictFilter[] = [];
  const { get } = dashboard({
    verdicts: async (filter) => {
      filters.push(filter);
      return [];
    },
  });
  await get(
    '/verdicts?kind=data-drift&feature=carrier&segment=all&verdict=drift&from=2013-05-01&to=2013-06-01&page=3',
  );
  await get('/verdicts?kind=&feature=&segment=&verdict=&from=&to=');
  assert.deepEqual(filters, [
    {
      model: 'flights',
      kind: 'data-drift',
      feature: 'carrier',
      segment: '',
      verdict: 'drift',
      fromMs: at('2013-05-01'),
      untilMs: at('2013-06-01'),
      limit: 101,
      offset: 200,
    },
    {
      model: 'flights',
      kind: undefined,
      feature: undefined,
      segment: undefined,
      verdict: undefined,
      fromMs: 0,
      untilMs: Date.UTC(2100, 0, 1),
      limit: 101,
      offset: 0,
    },
  ]);
});

test('there is a next page exactly when there is one more row than fits', async () => {
  const lines = (count: number) => async () => Array.from({ length: count }, () => verdictLine());
  const full = await dashboard({ verdicts: lines(100) }).get('/verdicts');
  const more = await dashboard({ verdicts: lines(101) }).get('/verdicts?page=2');
  assert.doesNotMatch(full.text, />older</);
  assert.match(more.text, /page=3">older</);
  assert.match(more.text, /page=1">newer</);
  assert.equal(more.text.split('<tr>').length - 2, 100);
});

test('an incident and a verdict that are there have their pages', async () => {
  const { get } = dashboard({ incident: async () => [transition()], verdict: async () => verdictRow() });
  assert.equal((await get(`/incidents/${INCIDENT_ID}`)).status, 200);
  assert.equal((await get(`/verdicts/${VERDICT_ID}`)).status, 200);
});

test('of an incident only its own requests are shown', async () => {
  const other = {
    id: 'o',
    incidentId: 'another',
    cause: 'not mine',
    requestedMs: 0,
    trainFromMs: 0,
    trainUntilMs: 0,
  };
  const { get } = dashboard({ incident: async () => [transition()], requests: async () => [other] });
  assert.doesNotMatch((await get(`/incidents/${INCIDENT_ID}`)).text, /not mine/);
});

test('how to ask SQL names the interface, the examples and every comment', async () => {
  const { get } = dashboard({
    catalogue: async () => [
      {
        table: 'drift_history',
        tableComment: 'The documented way in',
        column: 'n',
        type: 'UInt64',
        comment: 'Rows in the current window',
      },
    ],
  });
  const { text } = await get('/sql');
  for (const part of [
    'http://127.0.0.1:8123/?database=driftwatch',
    'SELECT 1 AS one',
    'The documented way in',
    'Rows in the current window',
  ]) {
    assert.ok(text.includes(part), part);
  }
});

/** The app over a fake reader that notes what it is asked. */
function dashboard(answers: Partial<DashboardReader> = {}) {
  const asked: string[] = [];
  const logged: string[] = [];
  const read = new Proxy(fakeReader(answers), {
    get(target, name, receiver) {
      asked.push(String(name));
      return Reflect.get(target, name, receiver);
    },
  });
  const app = dashboardApp({
    read,
    models: ['flights'],
    lag: async () => ({ messages: 3, partitions: 9 }),
    whatIf: async ({ id, changes }) => {
      if (id === 'unknown') return { status: 'bad', sentence: 'No example "unknown" was served.' };
      const features = changes.map(({ feature, value }) => ({
        name: feature,
        unit: 'degF',
        before: 1,
        after: value,
      }));
      const said = { before: 0.25, after: 0.75, isProbability: true, unit: '' };
      return { status: 'ok', answer: { id, version: 'v1', ...said, features } };
    },
    sql: {
      url: 'http://127.0.0.1:8123',
      database: 'driftwatch',
      examples: [{ question: 'What is one?', statement: 'SELECT 1 AS one' }],
    },
    log: { error: (_, message) => logged.push(message) },
  });
  return {
    app,
    asked,
    logged,
    async get(path: string) {
      const response = await app.request(`http://127.0.0.1${path}`, { headers: { host: '127.0.0.1:8088' } });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
  };
}

test('what-if shows the answer, and says what it cannot read', async () => {
  const { get: page } = dashboard();
  const answered = await page('/what-if?id=a%3Cb&set=temperature_f%3D20&set=&set=carrier%3DUA');
  assert.equal(answered.status, 200);
  assert.match(answered.text, /<h2>a&#60;b, answered by v1<\/h2>/);
  assert.match(answered.text, /0\.2500<\/span> → <span class="big">0\.7500<\/span> \(\+0\.5000\)/);
  assert.match(answered.text, /<td>temperature_f<\/td>[\s\S]*<strong>20<\/strong>/);
  const unknown = await page('/what-if?id=unknown');
  assert.match(unknown.text, /No example &#34;unknown&#34; was served\./);
  const nonsense = await page('/what-if?set=hot');
  assert.equal(nonsense.status, 400);
  assert.match(nonsense.text, /is no change/);
});
