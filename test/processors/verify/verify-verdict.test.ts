import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { budgetOfModel } from '../../../processors/detect/error-budget.ts';
import { type Evaluator, openEvaluator } from '../../../processors/detect/evaluate.ts';
import { viewModel } from '../../../processors/panes/model-view.ts';
import { readStoredVerdict, verifyVerdict } from '../../../processors/verify/verify-verdict.ts';
import { parseConfig } from '../../../src/config.ts';
import type { Contract, Stream } from '../../../src/core/contract/contract.ts';
import { parseContract } from '../../../src/core/contract/parse-contract.ts';
import { rawTableName } from '../../../src/core/contract/raw-table.ts';
import { type ClickHouse, openClickHouse } from '../../../src/io/clickhouse/client.ts';
import { ensureRawTable } from '../../../src/io/clickhouse/ensure-raw-table.ts';
import { createDatabase, migrate } from '../../../src/io/clickhouse/migrate.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import {
  type EmbeddedClickHouse,
  freePort,
  startEmbeddedClickHouse,
} from '../../fixtures/embedded-clickhouse.ts';
import { HOUR, START, TOY_SCHEMAS, type ToyRow, TRAINING_HOURS, toyRows } from '../../fixtures/toy.ts';

const END = TRAINING_HOURS + 4;
/** Some examples of this hour come late. */
const PARTIAL = TRAINING_HOURS + 2;
/** In the same hour some values of g are outside of its domain. */
const rows = toyRows(3, END).map((row, at) =>
  row.hour === PARTIAL && at % 20 === 0 ? { ...row, g: at % 60 === 0 ? 'YY' : 'XX' } : row,
);
const isLate = (row: ToyRow) => row.hour === PARTIAL && row.z < 5;
const contracts: Readonly<Record<Stream, Contract>> = {
  training: contractOf('training'),
  serving: contractOf('serving'),
  labels: contractOf('labels'),
};
const view = viewModel({ ...contracts, segments: ['g'] });
const config = parseConfig(
  {
    models: {
      toy: {
        segments: ['g'],
        pane: '1h',
        season: 'none',
        label_delay: '2h',
        trailing: 20,
        minimum_rows: 50,
        minimum_windows: 3,
      },
    },
  },
  'test',
);
const model = config.models['toy'];
const budget = budgetOfModel(config);
const origin = { configHash: 'c0ffee', codeVersion: '0.1.0' };
const ended = START + END * HOUR;
const offsets = new Map<string, number>();
const places = new Map<string, Record<string, number>>();
let directory: string;
let server: EmbeddedClickHouse;
let clickhouse: ClickHouse;
/** Emptied after each use: making its tables takes longer than what they are for. */
let scratch: ClickHouse;
let evaluator: Evaluator;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'driftwatch-verify-'));
  server = await startEmbeddedClickHouse({ port: await freePort(), directory, database: 'driftwatch' });
  clickhouse = await database('driftwatch');
  scratch = await database('driftwatch_verify');
  await store(rows.filter((row) => !isLate(row)));
  await registerVersion();
  assert.ok(model !== undefined);
  evaluator = await openEvaluator({
    clickhouse,
    view,
    config: model,
    budget,
    origin,
    outbox: { put: async () => undefined, publish: async () => 0, close: async () => undefined },
    clock: systemClock,
    owner: 'verify',
    log: silentLog,
  });
  await evaluator.advance({ training: ended, serving: ended, labels: ended });
});

after(async () => {
  await scratch.close();
  await clickhouse.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

test('verdicts of all stages are what their rows give, byte for byte', async () => {
  for (const kind of ['distribution-skew', 'feature-skew', 'concept-drift']) {
    const { differences, windows, rows: behind } = await verified(await newest(kind, END - 1));
    assert.deepEqual(differences, [], kind);
    assert.equal(windows, kind === 'feature-skew' ? 1 : END - TRAINING_HOURS, kind);
    assert.ok(behind > 0);
  }
});

test('a verdict that late rows revised is what its rows give, and so is one after it', async () => {
  const old = await newest('distribution-skew', PARTIAL);
  const late = rows.filter(isLate);
  await store(late);
  const eventTimesMs = late.map(({ eventTimeMs }) => eventTimeMs);
  for (const stream of ['training', 'serving', 'labels'] as const) evaluator.stored({ stream, eventTimesMs });
  await evaluator.advance({ training: ended, serving: ended, labels: ended });
  const revised = await newest('distribution-skew', PARTIAL);
  assert.notEqual(revised, old);
  assert.deepEqual((await verified(revised)).differences, []);
  // The window after it remembers it.
  assert.deepEqual((await verified(await newest('distribution-skew', PARTIAL + 1))).differences, []);
  const superseded = await verified(old);
  assert.equal(superseded.supersededBy, 1);
  assert.deepEqual(superseded.differences, []);
});

test('values outside of the domain are told in every revision as their rows give them', async () => {
  const outside = rows.filter(({ hour, g }) => hour === PARTIAL && g.length > 1);
  const id = await newest('schema-skew', PARTIAL, 'g');
  const { revision, detail } = await readStoredVerdict(clickhouse, id);
  assert.equal(revision, 1);
  const { values, edit } = DOMAIN_DETAIL.parse(JSON.parse(detail));
  assert.deepEqual(
    values,
    ['XX', 'YY'].map((value) => ({ value, rows: outside.filter(({ g }) => g === value).length })),
  );
  assert.deepEqual(edit.becomes.domain, ['a', 'b', 'XX', 'YY']);
  assert.deepEqual((await verified(id)).differences, []);
});

test('rows that no verdict rests on make no difference', async () => {
  const id = await newest('distribution-skew', TRAINING_HOURS + 1);
  await store(
    rows.filter(({ hour }) => hour === TRAINING_HOURS).map((row) => ({ ...row, id: `x${row.id}` })),
  );
  assert.deepEqual((await verified(id)).differences, []);
});

test('a verdict on a join names both sides, and what came later on either makes no difference', async () => {
  const ids = [await newest('feature-skew', END - 1), await newest('concept-drift', END - 1)];
  const joined = [];
  for (const id of ids) {
    const { topic, joined_topic, joined_end_offsets } = await readStoredVerdict(clickhouse, id);
    joined.push([topic, joined_topic, joined_end_offsets.length]);
  }
  assert.deepEqual(joined, [
    [contracts.serving.topic, contracts.training.topic, 2],
    [contracts.labels.topic, contracts.serving.topic, 2],
  ]);
  // The same examples once more, with other values: newer ones, so that a join would take them.
  await store(
    rows.filter(({ hour }) => hour === END - 1).map((row) => ({ ...row, z: row.z + 100, p: 0.01 })),
  );
  for (const id of ids) assert.deepEqual((await verified(id)).differences, []);
});

test('another code version is told, another configuration refused, an unknown id as well', async () => {
  const id = await newest('distribution-skew', TRAINING_HOURS);
  const { codeVersion, differences } = await verified(id, { ...origin, codeVersion: '9.9.9' });
  assert.deepEqual([codeVersion, differences], [{ stored: '0.1.0', running: '9.9.9' }, []]);
  await assert.rejects(
    verified(id, { ...origin, configHash: 'other' }),
    /made with the configuration c0ffee/,
  );
  await assert.rejects(readStoredVerdict(clickhouse, '00000000-0000-5000-8000-000000000000'), /no verdict/);
});

test('a stored value that was changed is found', async () => {
  const id = await newest('distribution-skew', TRAINING_HOURS);
  const stored = await readStoredVerdict(clickhouse, id);
  await clickhouse.insert('verdicts', [{ ...stored, effect: (stored.effect ?? 0) + 1e-12 }]);
  const { differences } = await verified(id);
  assert.deepEqual(
    differences.map(({ column }) => column),
    ['effect'],
  );
});

test('a row that was changed is found, by its own window and by those that remember it', async () => {
  const id = await newest('distribution-skew', END - 1);
  const row = rows.find(({ hour }) => hour === PARTIAL);
  const place = places.get(`serving/${row?.id}`);
  assert.ok(row !== undefined && place !== undefined);
  // Another value under the partition and offset of a row that was judged.
  await clickhouse.insert(view.tables.serving, [{ ...servingRow({ ...row, z: 500 }), ...place }]);
  const own = await verified(await newest('distribution-skew', PARTIAL));
  assert.ok(own.differences.some(({ column }) => column === 'detail'));
  assert.ok((await verified(id)).differences.length > 0);
});

async function verified(id: string, by: typeof origin = origin) {
  try {
    assert.ok(model !== undefined);
    return await verifyVerdict({
      clickhouse,
      source: 'driftwatch',
      scratch,
      view,
      config: model,
      budget,
      origin: by,
      stored: await readStoredVerdict(clickhouse, id),
    });
  } finally {
    for (const table of FILLED) await scratch.statement(`TRUNCATE TABLE ${table}`);
  }
}

const DOMAIN_DETAIL = z.object({
  values: z.array(z.object({ value: z.string(), rows: z.number() })),
  edit: z.object({ becomes: z.object({ domain: z.array(z.string()) }) }),
});

/** Tables that a recomputation writes or copies into. */
const FILLED = [
  ...Object.values(view.tables),
  ...['model_versions', 'writer_schemas', 'dead_letters', 'bins', 'panes', 'pane_revisions', 'skew_panes'],
  ...['performance_panes', 'reference_windows', 'joint_axes', 'joint_panes'],
];

/** Newest revision of one answer about one hour. */
async function newest(
  kind: string,
  hour: number,
  feature = kind === 'concept-drift' ? 'log_loss' : 'z',
): Promise<string> {
  const params = {
    model: 'toy',
    kind,
    feature,
    any_segment: false,
    segment: '',
    verdict: '',
    limit: 1,
    offset: 0,
    from: new Date(START + hour * HOUR),
    until: new Date(START + (hour + 1) * HOUR),
  };
  const [row] = await clickhouse.rows('dashboard-verdicts', params, z.object({ verdict_id: z.string() }));
  assert.ok(row !== undefined, `${kind} of hour ${hour}`);
  return row.verdict_id;
}

/** A database with all tables. */
async function database(name: string): Promise<ClickHouse> {
  const { url, username, password } = server;
  await createDatabase({ url, username, password, database: name });
  const opened = openClickHouse({ url, username, password, database: name });
  await migrate({ clickhouse: opened });
  for (const contract of Object.values(contracts)) await ensureRawTable({ clickhouse: opened, contract });
  return opened;
}

/** Stores examples as ingest would: two partitions, offsets ascending. */
async function store(some: readonly ToyRow[]): Promise<void> {
  const served = some.filter(({ hour }) => hour >= TRAINING_HOURS);
  await insert('training', some, ({ id, eventTimeMs, x, z: size, c, g, y }) => ({
    ...{ id, x, z: size, c, g, y },
    event_time: iso(eventTimeMs),
  }));
  await insert('serving', served, servingRow);
  await insert('labels', served, ({ id, eventTimeMs, y }) => ({
    id,
    event_time: iso(eventTimeMs + HOUR / 4),
    y,
  }));
}

function servingRow({ id, eventTimeMs, x, z: size, c, g, p }: ToyRow): Record<string, unknown> {
  return { id, x, z: size, c, g, event_time: iso(eventTimeMs), prediction: p, model_version: 'v1' };
}

async function insert(
  stream: Stream,
  some: readonly ToyRow[],
  rowOf: (row: ToyRow) => Record<string, unknown>,
): Promise<void> {
  const stored = some.map((row, index) => {
    const partition = index % 2;
    const key = `${stream}/${partition}`;
    const offset = offsets.get(key) ?? 0;
    offsets.set(key, offset + 1);
    const place = { _partition: partition, _offset: offset, _schema_id: 1 };
    places.set(`${stream}/${row.id}`, place);
    return { ...rowOf(row), ...place };
  });
  await clickhouse.insert(rawTableName(contracts[stream]), stored);
}

async function registerVersion(): Promise<void> {
  const trained = rows.filter(({ hour }) => hour < TRAINING_HOURS);
  await clickhouse.insert('model_versions', [
    {
      model: 'toy',
      version: 'v1',
      request_id: '00000000-0000-4000-8000-000000000001',
      status: 'accepted',
      reasons: [],
      parent: '',
      created: iso(START + TRAINING_HOURS * HOUR),
      snapshot_rows: trained.length,
      window_start: iso(START),
      window_end: iso(START + TRAINING_HOURS * HOUR),
      topic: contracts.training.topic,
      partitions: [0, 1],
      first_offsets: [0, 0],
      end_offsets: [trained.length / 2, trained.length / 2],
      log_loss_before: null,
      log_loss_after: 0.5,
      validation_rows: trained.length,
      baseline_log_loss: 0.5,
      baseline_log_loss_sd: 0.5,
      config: '{}',
      metrics: '{}',
    },
  ]);
}

function contractOf(stream: Stream): Contract {
  const parsed = parseContract({
    model: 'toy',
    stream,
    topic: `${stream}.toy`,
    subject: `${stream}.toy-value`,
    definition: TOY_SCHEMAS[stream],
  });
  if (parsed.status === 'ok') return parsed.contract;
  throw new Error(parsed.problems.join(' '));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
