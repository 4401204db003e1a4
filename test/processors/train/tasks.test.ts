import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { answerOf, computePerformancePane, labelJoin } from '../../../processors/panes/join-panes.ts';
import { viewModel } from '../../../processors/panes/model-view.ts';
import { PERFORMANCE_ROW } from '../../../processors/panes/rows.ts';
import { snapshotFields } from '../../../processors/train/snapshot-plan.ts';
import type { Contract } from '../../../src/core/contract/contract.ts';
import { modelInputs } from '../../../src/core/contract/model-inputs.ts';
import { rawTableName } from '../../../src/core/contract/raw-table.ts';
import { type Dataset, takeRows } from '../../../src/core/models/dataset.ts';
import { predict, predictClasses } from '../../../src/core/models/predict.ts';
import { trainModel } from '../../../src/core/models/train-model.ts';
import { classLosses, squaredLosses } from '../../../src/core/performance/row-loss.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { eventId } from '../../../src/core/uuid.ts';
import { ensureRawTable } from '../../../src/io/clickhouse/ensure-raw-table.ts';
import type { Manifest } from '../../../src/io/files/manifest.ts';
import { type Examples, readSnapshot } from '../../../src/io/files/read-snapshot.ts';
import { openScorer } from '../../../src/io/onnx-runtime/open-scorer.ts';
import { readSettings } from '../../../src/io/trainers/built-in-settings.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { startModelServer } from '../../../src/server/model-server/start-model-server.ts';
import {
  askFor,
  type Loop,
  machineTrainer,
  releaseEncoder,
  releasesOf,
  storeRows,
  systemDefinition,
  topicOf,
} from '../../fixtures/loop.ts';
import { taskLoop } from '../../fixtures/task-loop.ts';
import {
  GRADES,
  type OtherTask,
  type TaskRow,
  taskContract,
  taskDefinition,
  taskRows,
} from '../../fixtures/tasks.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);

test('classes: trained, gated, served, logged and measured by what the same rows make of them in core', async (t) => {
  const world = await trained(t, 'multiclass');
  const { manifest, core, server, rows } = world;
  assert.deepEqual([manifest.task, manifest.classes], ['multiclass', [...GRADES]]);
  assert.match(world.reasons, /^log-loss 0\.\d+ against [1-9]\.\d+ of v1 on 750 rows .*: lower by /);
  const expected = predictClasses(core.model, core.rows);

  const { outputs } = INFERRED.parse(await server.post('/infer', tensors(rows)));
  const [said, chances] = outputs;
  assert.deepEqual([said?.name, said?.datatype, said?.shape], ['prediction', 'BYTES', [rows.length]]);
  assert.deepEqual([chances?.shape, chances?.parameters], [[rows.length, 3], { classes: [...GRADES] }]);
  near(
    z.array(z.number()).parse(chances?.data),
    rows.flatMap((_, row) => expected.map((of) => of[row] ?? Number.NaN)),
  );
  const likeliest = Array.from(predict(core.model, core.rows), (at) => GRADES[at]);
  assert.deepEqual(said?.data, likeliest);

  const logged = await world.log(rows);
  assert.deepEqual(
    logged.map((record) => record['prediction']),
    likeliest,
  );
  const places = rows.map(({ grade }) => GRADES.indexOf(grade));
  const scores = rows.flatMap((_, row) => expected.map((of) => of[row] ?? Number.NaN));
  const losses = classLosses({ scores, width: 3 }, places);
  const pane = await world.pane();
  near([pane.row.loss / pane.row.n], [mean(losses)]);
  near(pane.losses, [...losses]);
  const right = rows.filter(({ grade }, row) => grade === likeliest[row]).length;
  assert.deepEqual([pane.row.n, pane.row.positives], [rows.length, right]);
  near(
    [pane.row.predicted],
    [sum(rows.map((_, row) => Math.max(...expected.map((of) => of[row] ?? 0))))],
    1e-3,
  );
});

test('a number: trained, gated, served, logged and measured by what the same rows make of it in core', async (t) => {
  const world = await trained(t, 'regression');
  const { manifest, core, server, rows } = world;
  const variance = manifest.validation.squared_error ?? 0;
  assert.deepEqual([manifest.task, manifest.classes], ['regression', undefined]);
  assert.ok(variance > 50 && variance < 300, `squared error ${variance}`);
  assert.match(
    world.reasons,
    /^mean squared error \d+\.\d+ against \d+\.\d+ of v1 on 750 rows .*: log-loss lower by /,
  );
  const expected = predict(core.model, core.rows);

  const { outputs } = INFERRED.parse(await server.post('/infer', tensors(rows)));
  assert.deepEqual(
    outputs.map(({ name, datatype, shape }) => [name, datatype, shape]),
    [['prediction', 'FP32', [rows.length]]],
  );
  near(z.array(z.number()).parse(outputs[0]?.data), [...expected], 1e-4);

  const logged = await world.log(rows);
  near(
    logged.map((record) => Number(record['prediction'])),
    [...expected],
    1e-4,
  );
  const losses = squaredLosses(
    expected,
    rows.map(({ wear }) => wear),
    variance,
  );
  const pane = await world.pane();
  near([pane.row.loss / pane.row.n], [mean(losses)]);
  near([pane.row.expected / pane.row.n], [manifest.validation.log_loss]);
  const constant = Math.log(2 * Math.PI * variance) / 2;
  near(pane.losses, [...losses.map((loss) => loss - constant)], 1e-4);
  assert.deepEqual([pane.row.n, pane.row.positives, pane.row.errors], [rows.length, 0, 0]);
});

/** Two accepted versions of machines with such a label, of which the first serves; and its rows trained on once more. */
async function trained(t: TestContext, task: OtherTask) {
  const { name, loop, model, contracts } = await taskLoop(t, task, 'train');
  const first = taskRows({ rows: 3_000, fromMs: START, days: 28, seed: 1 });
  await storeRows(
    loop.clickhouse,
    model.contract,
    first.map((row) => labelled(row, task)),
  );
  const trainer = await machineTrainer(t, loop, [model]);
  const ask = (number: number, days: number): Promise<void> =>
    askFor(loop, {
      requestId: eventId('test', name, number),
      model: name,
      fromMs: START,
      untilMs: START + days * DAY,
    });
  await ask(1, 28);
  await trainer.idle();
  const server = await serve(t, loop, contracts.serving, task);
  const [release] = await releasesOf(loop);
  const stored = await loop.store.readVersion({
    uri: String(release?.['uri']),
    sha256: String(release?.['sha256']),
  });
  if (stored.status === 'bad') return assert.fail(`${stored.why}: ${release?.['reasons']}`);
  const rows = taskRows({ rows: 400, fromMs: START + 30 * DAY, days: 1, seed: 9 });
  const { log, pane } = measured(loop, contracts, server);
  const logOf = (some: readonly TaskRow[]) => log(some, task);

  const core = await trainedInCore(loop, stored.manifest, model.contract, rows);
  // The second comes after the first has answered.
  return {
    manifest: stored.manifest,
    core,
    server,
    rows,
    log: logOf,
    pane,
    reasons: await secondReasons(),
  };

  async function secondReasons(): Promise<string> {
    const later = taskRows({ rows: 3_000, fromMs: START + 28 * DAY, days: 28, seed: 2, world: 2 });
    await storeRows(
      loop.clickhouse,
      model.contract,
      later.map((row) => labelled(row, task)),
      1_000,
    );
    await ask(2, 56);
    await trainer.idle();
    const second = (await releasesOf(loop))[1];
    assert.equal(second?.['status'], 'accepted', String(second?.['reasons']));
    return String(second?.['reasons']);
  }
}

/** The model that core makes of the rows that the version was trained on, by its manifest, and rows to ask it about. */
async function trainedInCore(loop: Loop, manifest: Manifest, training: Contract, rows: readonly TaskRow[]) {
  const fields = snapshotFields(training);
  if (fields.status !== 'ok') return assert.fail(fields.problems.join());
  const all = await readSnapshot(join(loop.names.directory, manifest.snapshot.uri), fields);
  const before = positionsBefore(all, Date.parse(manifest.training.until));
  assert.equal(before.length, manifest.training.rows);
  const read = readSettings({ rounds: 40, maxLeaves: 8, task: manifest.task }, fields);
  if (read.status === 'bad') return assert.fail(read.why);
  const model = trainModel({
    rows: takeRows(all.dataset, before),
    settings: read.settings,
    random: seededRandom(manifest.training.seed),
  });
  if (model.status !== 'trained') return assert.fail(model.reason);
  const asked: Dataset = {
    rows: rows.length,
    numeric: [
      { name: 'heat', values: Float64Array.from(rows, ({ heat }) => heat ?? Number.NaN) },
      { name: 'load', values: Float64Array.from(rows, ({ load }) => load ?? Number.NaN) },
    ],
    categorical: [{ name: 'color', values: rows.map(({ color }) => color) }],
    label: new Float64Array(0),
  };
  return { model: model.model, rows: asked };
}

function positionsBefore(all: Examples, cutMs: number): number[] {
  const time = (row: number): number => all.eventTimesMs[row] ?? cutMs;
  return [...all.ids.keys()].filter((row) => time(row) < cutMs).sort((a, b) => time(a) - time(b) || a - b);
}

async function serve(t: TestContext, loop: Loop, contract: Contract, task: OtherTask) {
  const { model, topic, subject } = contract;
  const definition = taskDefinition('serving', task);
  await loop.kafka.createTopics([topicOf(topic, 1), topicOf(`${model}.shadows`, 1)]);
  const schemaId = await loop.registry.register({ subject, definition });
  const shadow = systemDefinition('shadow-prediction');
  const server = await startModelServer({
    port: 0,
    kafka: loop.kafka,
    codec: loop.codec,
    store: loop.store,
    openScorer,
    models: [{ contract, definition, schemaId }],
    releases: { topic: loop.names.releases, encode: await releaseEncoder(loop) },
    shadows: { topic: `${model}.shadows`, encode: (value) => loop.codec.encode(1, shadow, value) },
    log: silentLog,
    codeVersion: '0.0.0-test',
  });
  t.after(() => server.stop());
  await server.ready;
  assert.equal(server.version(model), 'v1');
  return {
    async post(path: string, body: unknown): Promise<unknown> {
      const base = path.startsWith('/infer') ? `/v2/models/${model}/versions/v1` : `/v1/models/${model}`;
      const answer = await fetch(`${server.url}${base}${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
      assert.equal(answer.status, 200, await answer.clone().text());
      return answer.json();
    },
  };
}

/** What the server logs of rows goes to the database with their labels, and one pane is made of it. */
function measured(
  loop: Loop,
  contracts: { training: Contract; serving: Contract; labels: Contract },
  server: { post(path: string, body: unknown): Promise<unknown> },
) {
  const { clickhouse } = loop;
  const view = viewModel({ ...contracts, segments: [] });
  const window = { fromMs: START + 30 * DAY, untilMs: START + 31 * DAY };
  return {
    async log(rows: readonly TaskRow[], task: OtherTask): Promise<Record<string, unknown>[]> {
      const examples = rows.map(({ eventTimeMs, wear: _, grade: __, ...row }) => ({
        ...row,
        event_time: eventTimeMs,
      }));
      await server.post('/score-batch', { examples, version: 'v1', await_log: true });
      const logged: Record<string, unknown>[] = [];
      const follower = await loop.kafka.follow({
        topic: contracts.serving.topic,
        async onMessage({ value }) {
          if (value !== null) logged.push(await loop.codec.decode(value));
        },
      });
      await follower.caughtUp;
      await follower.close();
      await ensureRawTable({ clickhouse, contract: contracts.serving });
      await clickhouse.insert(
        rawTableName(contracts.serving),
        logged.map((record, offset) => ({
          ...record,
          event_time: new Date(Number(record['event_time'])).toISOString(),
          _partition: 0,
          _offset: offset,
          _schema_id: 1,
        })),
      );
      const label = task === 'regression' ? 'wear' : 'grade';
      const told = rows.map((row) => ({
        machine_id: row.machine_id,
        eventTimeMs: row.eventTimeMs,
        [label]: row[label],
      }));
      await storeRows(clickhouse, contracts.labels, told);
      return logged;
    },
    async pane() {
      const join = { clickhouse, view, ...window, labelDelayMs: DAY };
      await computePerformancePane({ ...join, revision: 0, version: 'v1', streamTimeMs: window.untilMs });
      const range = { from: new Date(window.fromMs), until: new Date(window.untilMs) };
      const panes = await clickhouse.rows(
        'performance-counts',
        { model: view.model, ...range },
        PERFORMANCE_ROW,
      );
      const row = panes.find(({ segment }) => segment === '');
      assert.ok(row !== undefined);
      const losses = await clickhouse.rows('label-losses', labelJoin(join), LOSS, answerOf(view));
      return { row, losses: losses.map(({ loss }) => loss) };
    },
  };
}

function labelled({ wear, grade, ...row }: TaskRow, task: OtherTask) {
  return task === 'regression' ? { ...row, wear } : { ...row, grade };
}

function tensors(rows: readonly TaskRow[]): Record<string, unknown> {
  const { inputs } = modelInputs(taskContract('any', 'serving', 'regression'));
  return {
    inputs: inputs.map(({ name, kind }) => ({
      name,
      datatype: kind === 'numeric' ? 'FP64' : 'BYTES',
      shape: [rows.length],
      data: rows.map((row) => z.record(z.string(), z.unknown()).parse(row)[name] ?? null),
    })),
  };
}

function near(found: readonly number[], wanted: readonly number[], within = 1e-5): void {
  assert.equal(found.length, wanted.length);
  const furthest = Math.max(...found.map((value, at) => Math.abs(value - (wanted[at] ?? Number.NaN))));
  assert.ok(furthest <= within, `one is ${furthest} away`);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: Float64Array): number {
  return sum([...values]) / values.length;
}

const LOSS = z.object({ loss: z.number() });
const INFERRED = z.object({
  outputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.number()),
      parameters: z.record(z.string(), z.unknown()).optional(),
      data: z.array(z.unknown()),
    }),
  ),
});
