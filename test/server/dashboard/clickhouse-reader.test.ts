import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { type ClickHouse, openClickHouse } from '../../../src/io/clickhouse/client.ts';
import { createDatabase, migrate } from '../../../src/io/clickhouse/migrate.ts';
import { clickhouseReader } from '../../../src/server/dashboard/clickhouse-reader.ts';
import { dashboardApp } from '../../../src/server/dashboard/dashboard-app.ts';
import type { VerdictFilter } from '../../../src/server/dashboard/reader.ts';
import {
  type EmbeddedClickHouse,
  freePort,
  startEmbeddedClickHouse,
} from '../../fixtures/embedded-clickhouse.ts';
import { at } from './example-rows.ts';
import { HISTORY, IDS } from './history.ts';

const YEAR = { fromMs: at('2013-01-01'), untilMs: at('2014-01-01') };
const ANY: VerdictFilter = {
  model: 'flights',
  kind: undefined,
  feature: undefined,
  segment: undefined,
  verdict: undefined,
  limit: 100,
  offset: 0,
  ...YEAR,
};
let directory = '';
let server: EmbeddedClickHouse;
let writer: ClickHouse;
let outsider: ClickHouse;
let nowMs = 0;
let emptyPages: readonly Page[] = [];

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'driftwatch-dashboard-'));
  server = await startEmbeddedClickHouse({ port: await freePort(), directory });
  const at = {
    url: server.url,
    username: server.username,
    password: server.password,
    database: 'driftwatch',
  };
  await createDatabase(at);
  writer = openClickHouse(at);
  await migrate({ clickhouse: writer });
  await writer.statement(RAW_TABLE);
  outsider = openClickHouse({ url: server.url, database: 'driftwatch' });
  emptyPages = await allPages();
  for (const [table, rows] of Object.entries(HISTORY)) await writer.insert(table, rows);
});

after(async () => {
  await writer.close();
  await outsider.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

test('stream time comes per stage, and a stage that has just written is moving', async () => {
  assert.deepEqual(await reader().progress('flights'), [
    { stage: 'labels', streamTimeMs: at('2013-05-03'), moving: false },
    { stage: 'serving', streamTimeMs: at('2013-05-04'), moving: true },
  ]);
  assert.deepEqual(await reader().progress('another'), []);
});

test('the accounting line is read as an outside reader, and again only after some seconds', async () => {
  const read = reader();
  const line = { consumed: 4, stored: 2, deadLetters: 1, tombstones: 1, unexplained: 0 };
  assert.deepEqual(await read.accounting(), [{ topic: 'serving.flights', ...line }]);
  await writer.insert('ledger', [
    {
      topic: 'serving.flights',
      partition: 0,
      version: 2,
      epoch: 1,
      owner: 't',
      floor: 5,
      consumed: 5,
      max_event_time: '2013-05-04T00:00:00Z',
    },
  ]);
  assert.equal((await read.accounting())[0]?.consumed, 4);
  nowMs += 60_000;
  const [after] = await read.accounting();
  assert.deepEqual([after?.consumed, after?.unexplained], [5, 1]);
});

test('an incident is shown as it is now, with when it was first reported', async () => {
  const [first, second, ...others] = await reader().incidents('flights', 10);
  assert.deepEqual(others, []);
  assert.equal(first?.id, IDS.schemaIncident);
  assert.deepEqual(
    [second?.id, second?.revision, second?.status, second?.severity, second?.findings],
    [IDS.incident, 1, 'resolved', 'ALERT', 2],
  );
  assert.deepEqual([second?.openedMs, second?.changedMs], [at('2013-05-02'), at('2013-05-03')]);
  assert.equal((await reader().incidents('flights', 1)).length, 1);
});

test('every transition of an incident stays readable, in order, with its findings and requests', async () => {
  const transitions = await reader().incident(IDS.incident);
  assert.deepEqual(
    transitions.map(({ transition, severity }) => [transition, severity]),
    [
      ['open', 'WARNING'],
      ['resolve', 'ALERT'],
    ],
  );
  assert.deepEqual(await reader().incident(IDS.verdict), []);
  const findings = await reader().findings('flights', IDS.incident);
  assert.deepEqual(
    findings.map(({ status, windows, effect }) => [status, windows, effect]),
    [['closed', 2, 0.3]],
  );
  const [request] = await reader().requests('flights');
  assert.deepEqual([request?.incidentId, request?.trainUntilMs], [IDS.incident, at('2013-05-03')]);
});

test('versions come in order with their offset ranges', async () => {
  const versions = await reader().versions('flights');
  assert.deepEqual(
    versions.map(({ version, status, logLossBefore }) => [version, status, logLossBefore]),
    [
      ['v1', 'accepted', null],
      ['v2', 'rejected', 0.5],
    ],
  );
  assert.deepEqual(versions[0]?.ranges, [
    { partition: 0, first: 0, end: 100 },
    { partition: 1, first: 5, end: 120 },
  ]);
});

test('a day of the heatmap shows the newest revision of its worst answer', async () => {
  const cells = await reader().heatmap({ model: 'flights', kind: 'distribution-skew', segment: '', ...YEAR });
  assert.deepEqual(
    cells.map(({ feature, dayMs, worst, timesFloor, rows, answers }) => [
      feature,
      dayMs,
      worst,
      timesFloor,
      rows,
      answers,
    ]),
    [
      // Two half-day windows: the drift counts, three times its floor.
      ['carrier', at('2013-05-01'), 'drift', 3, 800, 2],
      // ok before late rows came, insufficient in the revision that counts.
      ['carrier', at('2013-05-02'), 'insufficient', 0, 12, 1],
      ['wind', at('2013-05-01'), 'no-reference', 0, 700, 1],
      ['wind', at('2013-05-02'), 'ok', 0, 700, 1],
    ],
  );
});

test('a kind without a floor gives its effect as a share of one', async () => {
  const [cell] = await reader().heatmap({ model: 'flights', kind: 'schema-skew', segment: '', ...YEAR });
  assert.deepEqual([cell?.worst, cell?.timesFloor], ['drift', 0.125]);
});

test('verdicts are the newest revisions, newest window first, by every condition, page by page', async () => {
  const read = reader();
  const all = await read.verdicts(ANY);
  assert.equal(all.length, 8);
  assert.deepEqual(
    all.map(({ windowStartMs }) => windowStartMs),
    all.map(({ windowStartMs }) => windowStartMs).toSorted((a, b) => b - a),
  );
  const matching = async (change: Partial<VerdictFilter>) =>
    (await read.verdicts({ ...ANY, ...change })).length;
  assert.equal(await matching({ kind: 'data-drift' }), 2);
  assert.equal(await matching({ feature: 'wind' }), 2);
  assert.equal(await matching({ segment: 'origin=JFK' }), 1);
  assert.equal(await matching({ segment: '' }), 7);
  assert.equal(await matching({ verdict: 'insufficient' }), 1);
  assert.equal(await matching({ untilMs: at('2013-05-02') }), 6);
  assert.equal(await matching({ model: 'another' }), 0);
  const pages = [
    ...(await read.verdicts({ ...ANY, limit: 3 })),
    ...(await read.verdicts({ ...ANY, limit: 3, offset: 3 })),
    ...(await read.verdicts({ ...ANY, limit: 3, offset: 6 })),
  ];
  assert.deepEqual(pages, all);
  // A revision that has been replaced does not come back because it fits better.
  assert.deepEqual(
    await read.verdicts({ ...ANY, feature: 'carrier', verdict: 'ok', fromMs: at('2013-05-02') }),
    [],
  );
});

test('the evidence sentence comes out of the detail', async () => {
  const [line] = await reader().verdicts({ ...ANY, verdict: 'insufficient' });
  assert.equal(line?.evidence, 'insufficient: 12 of 200 rows');
  assert.equal(line?.need, 200);
});

test('distribution skew shows the panes of its reference against those of its window, at the revision that counts', async () => {
  const read = reader();
  const verdict = await read.verdict(IDS.verdict);
  assert.ok(verdict !== undefined);
  const histogram = await read.histogram(verdict);
  assert.deepEqual(histogram?.categories, ['UA', 'AA']);
  assert.deepEqual(
    [...(histogram?.reference ?? [])],
    [
      [0, 50],
      [1, 70],
    ],
  );
  assert.deepEqual(
    [...(histogram?.current ?? [])],
    [
      [-1, 100],
      [0, 700],
    ],
  );
});

test('data drift shows earlier serving windows in the bins of the first version', async () => {
  const read = reader();
  const verdict = await read.verdict(IDS.dataDrift);
  assert.ok(verdict !== undefined);
  const histogram = await read.histogram(verdict);
  assert.equal(histogram?.binsId, 'bins-1');
  assert.deepEqual([...(histogram?.reference ?? [])], [[0, 400]]);
  assert.equal(histogram?.current.get(0), 700);
});

test('a kind without bins has no histogram, an unknown id no verdict', async () => {
  const read = reader();
  const verdict = await read.verdict(IDS.schemaVerdict);
  assert.ok(verdict !== undefined);
  assert.equal(await read.histogram(verdict), undefined);
  assert.equal(await read.verdict(IDS.incident), undefined);
});

test('every revision of an answer can be reached', async () => {
  const read = reader();
  const [newest] = await read.verdicts({ ...ANY, verdict: 'insufficient' });
  const verdict = await read.verdict(newest?.id ?? '');
  assert.ok(verdict !== undefined);
  assert.deepEqual(
    (await read.revisions(verdict)).map((row) => [row.revision, row.verdict]),
    [
      [0, 'ok'],
      [1, 'insufficient'],
    ],
  );
});

test('log-loss is per day and version, at the revision that counts', async () => {
  assert.deepEqual(await reader().performance({ model: 'flights', ...YEAR }), [
    { dayMs: at('2013-05-01'), version: 'v1', rows: 10, loss: 6, lossSquares: 5 },
  ]);
});

test('features, segments and the comments of all tables can be listed', async () => {
  const read = reader();
  assert.deepEqual(await read.features('flights'), ['carrier', 'wind']);
  assert.deepEqual(await read.segments('flights', 'data-drift'), ['', 'origin=JFK']);
  const catalogue = await read.catalogue();
  assert.equal(catalogue[0]?.table, 'drift_history');
  assert.ok(
    catalogue.every(
      ({ tableComment, comment, table }) =>
        table.endsWith('_flights') || (tableComment !== '' && comment !== ''),
    ),
  );
});

test('every page answers on an empty database and on a history, without a number that is none', async () => {
  for (const pages of [emptyPages, await allPages()]) {
    assert.equal(pages.length, 5);
    for (const { path, status, text } of pages) {
      assert.equal(status, 200, `${path}: ${text}`);
      assert.doesNotMatch(text, /NaN|Infinity|undefined|\[object/, path);
    }
  }
  assert.match(emptyPages[0]?.text ?? '', /no window has been judged yet/);
});

test('the example questions run as they stand, as an outside reader', async () => {
  const names = readdirSync(new URL('../../../schemas/queries/', import.meta.url))
    .filter((name) => name.startsWith('example-'))
    .map((name) => name.replace('.sql', ''));
  assert.ok(names.length >= 6);
  for (const name of names) {
    const rows = await outsider.rows(name, {}, z.record(z.string(), z.unknown()));
    assert.ok(Array.isArray(rows), name);
  }
});

test('the views answer a comparison with the empty text, which a view of other types would refuse', async () => {
  const rows = await outsider.rows('example-feature-history', {}, z.object({ verdict: z.string() }));
  assert.deepEqual(rows, []);
});

test('the reader cannot write', async () => {
  await assert.rejects(
    outsider.insert('tombstones', [{ topic: 'serving.flights', partition: 0, offset: 9, key: '' }]),
  );
});

function reader() {
  return clickhouseReader({ clickhouse: outsider, clock: { now: () => nowMs } });
}

interface Page {
  readonly path: string;
  readonly status: number;
  readonly text: string;
}

/** The pages that every database has; what SQL says about NaN is not among them. */
async function allPages(): Promise<Page[]> {
  const app = dashboardApp({
    read: reader(),
    models: ['flights'],
    lag: async () => undefined,
    whatIf: async () => ({ status: 'bad', sentence: 'Not asked here.' }),
    sql: { url: server.url, database: 'driftwatch', examples: [] },
    log: { error: () => undefined },
  });
  const pages: Page[] = [];
  for (const path of ['/', '/?kind=schema-skew', '/incidents', '/verdicts', '/models']) {
    const response = await app.request(`http://127.0.0.1${path}`, { headers: { host: 'localhost' } });
    pages.push({ path, status: response.status, text: await response.text() });
  }
  return pages;
}

const RAW_TABLE = `CREATE TABLE serving_flights (event_time DateTime64(3, 'UTC'), _topic LowCardinality(String),
  _partition Int32, _offset Int64, _schema_id Int64) ENGINE = ReplacingMergeTree ORDER BY (_partition, _offset)`;
