import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import kafkajs from 'kafkajs';
import { z } from 'zod';
import { trainGradientBoosting } from '../../../src/core/models/gradient-boosting.ts';
import { columnsOfDataset, columnsOfRecords } from '../../../src/core/models/scoring-columns.ts';
import { exportOnnx } from '../../../src/core/onnx/export-model.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { eventId } from '../../../src/core/uuid.ts';
import { sha256Of } from '../../../src/io/files/durable.ts';
import type { Manifest } from '../../../src/io/files/manifest.ts';
import { openModelStore } from '../../../src/io/files/model-store.ts';
import { loadScorer } from '../../../src/io/onnx-runtime/load-scorer.ts';
import { openScorer } from '../../../src/io/onnx-runtime/open-scorer.ts';
import type { Log } from '../../../src/runtime/log.ts';
import { type ModelServer, startModelServer } from '../../../src/server/model-server/start-model-server.ts';
import { type Loop, makeLoop, releaseEncoder, systemDefinition, topicOf } from '../../fixtures/loop.ts';
import {
  type MachineRow,
  machineContract,
  machineDataset,
  machineDefinition,
  machineRows,
} from '../../fixtures/machines.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';
import { until } from '../../fixtures/until.ts';

const START = Date.UTC(2024, 0, 1);

test('scores over HTTP are the scores of the file, and an outside consumer reads them with the registry alone', async (t) => {
  const { server, contract, loop, models } = await serving(t, ['v1']);
  const rows = machineRows({ rows: 200, fromMs: START, days: 1, seed: 5 });
  const answer = await post(server, `/v1/models/${contract.model}/score-batch`, {
    examples: rows.map(exampleOf),
    producer: 'till 3',
    await_log: true,
  });
  assert.equal(answer.status, 200);
  const body = ANSWER.parse(await answer.json());
  const scorer = await loadScorer(models.get('v1') ?? assert.fail());
  const expected = await scorer.score(columnsOfRecords(rows.map(exampleOf), scorer.inputs));
  await scorer.close();
  assert.deepEqual(
    body.predictions.map((one) => one.prediction),
    Array.from(expected),
  );
  assert.deepEqual(
    body.predictions.map((one) => one.id),
    rows.map((row) => row.machine_id),
  );

  const logged = await outsideConsumer(t, loop, contract.topic, rows.length);
  const byId = new Map(logged.map((record) => [record['machine_id'], record]));
  for (const [row, wanted] of rows.entries()) {
    const { latency_ms: latency, ...record } = byId.get(wanted.machine_id) ?? {};
    assert.ok(typeof latency === 'number' && latency > 0);
    assert.deepEqual(record, {
      ...exampleOf(wanted),
      prediction: expected[row],
      model_version: 'v1',
      producer: 'till 3',
    });
  }
});

test('versions are swapped under load without a failed request, and never back', async (t) => {
  // With one version kept, each swap closes the version that requests under way still use.
  const { server, contract, release } = await serving(t, ['v1'], { keep: 1 });
  const path = `/v1/models/${contract.model}`;
  const examples = machineRows({ rows: 5_000, fromMs: START, days: 1, seed: 5 }).map(exampleOf);
  const single = { path: `${path}/score`, body: JSON.stringify({ example: examples[0] }) };
  // More rows than the runtime takes in one go, so that a swap falls between two parts of one answer.
  const batch = { path: `${path}/score-batch`, body: JSON.stringify({ examples, log: false }) };
  const seen: number[][] = [];
  const failures: string[] = [];
  let running = true;
  const client = async (request: typeof single): Promise<void> => {
    const versions: number[] = [];
    seen.push(versions);
    while (running) {
      const answer = await send(server, request);
      const version = answer.match(/"version":"v(\d+)"/)?.[1];
      if (version === undefined) failures.push(answer.slice(0, 200));
      else versions.push(Number(version));
    }
  };
  const clients = [...Array.from({ length: 16 }, () => client(single)), client(batch)];
  for (const version of ['v2', 'v3', 'v4', 'v5', 'v6']) {
    await release(version);
    await until(`${version} serves`, () => server.version(contract.model) === version);
  }
  const before = seen.map((versions) => versions.length);
  const isPast = (versions: number[], at: number): boolean => versions.length > (before[at] ?? 0) + 1;
  await until('every client has seen the last version', () => seen.every(isPast), 60_000);
  running = false;
  await Promise.all(clients);
  assert.deepEqual(failures, []);
  for (const versions of seen) {
    const ascending = [...versions].sort((a, b) => a - b);
    assert.deepEqual(versions, ascending, 'a client saw a version go back');
    assert.equal(versions.at(-1), 6);
  }
  const distinct = new Set(seen.flat());
  assert.ok(distinct.size >= 3, `only versions ${[...distinct]} were seen`);
  const total = seen.reduce((sum, versions) => sum + versions.length, 0);
  t.diagnostic(`${total} requests during 5 swaps, 0 failed`);
  const metadata = METADATA.parse(await (await fetch(`${server.url}/v2/models/${contract.model}`)).json());
  assert.deepEqual(metadata.versions, ['v6']);
});

test('a model that is not what its release says is refused, and the old version goes on', async (t) => {
  const { server, contract, release, loop, said, open } = await serving(t, ['v1']);
  const folder = (version: string): string => join(loop.names.directory, 'models', contract.model, version);
  await release('v2', { after: () => flipByte(join(folder('v2'), 'model.onnx')) });
  await release('v3', { after: () => cut(join(folder('v3'), 'model.onnx')) });
  await release('v4', { sha256: '0'.repeat(64) });
  await release('v5', { manifest: (manifest) => ({ ...manifest, golden: wrongGolden(manifest) }) });
  await release('v6', {
    manifest: (manifest) => ({
      ...manifest,
      inputs: [...manifest.inputs, { name: 'weight', kind: 'numeric' }],
    }),
  });
  await release('v7', { uri: '../../../etc' });
  await release('v8', { status: 'rejected' });
  await release('v9', { onnx: Buffer.from('not a model at all') });
  await until('the last is dealt with', () => said.some((line) => line['version'] === 'v9'));

  const refusals = new Map(
    said
      .filter((line) => line['event'] === 'serve.refused')
      .map((line) => [line['version'], String(line['why'])]),
  );
  assert.match(
    refusals.get('v2') ?? '',
    /model.onnx has sha256 [0-9a-f]{64}, the release says [0-9a-f]{64}$/,
  );
  assert.match(refusals.get('v3') ?? '', /model.onnx has sha256/);
  assert.match(refusals.get('v4') ?? '', /the release says 0{64}$/);
  assert.match(refusals.get('v5') ?? '', /^The model file was rejected: /);
  assert.match(
    refusals.get('v6') ?? '',
    /reads the numeric feature weight, which the serving contract does not have/,
  );
  assert.match(refusals.get('v7') ?? '', /is not a place inside the model store/);
  assert.match(refusals.get('v9') ?? '', /^The model file was rejected: /);
  assert.equal(refusals.has('v8'), false);
  assert.ok(said.some((line) => line['event'] === 'serve.rejected' && line['version'] === 'v8'));
  assert.equal(server.version(contract.model), 'v1');
  const example = exampleOf(machineRows({ rows: 1, fromMs: START, days: 1, seed: 5 })[0] ?? assert.fail());
  assert.equal((await post(server, `/v1/models/${contract.model}/score`, { example })).status, 200);

  await server.stop();
  const again = await open();
  await again.ready;
  assert.equal(again.version(contract.model), 'v1', 'a new server passes over the bad ones as well');
  await release('v10');
  await until('v10 serves', () => again.version(contract.model) === 'v10');
});

test('with a public key a server takes no version that its owner has not signed as it is', async (t) => {
  const keys = generateKeyPairSync('ed25519');
  const { server, contract, release, loop, said } = await serving(t, ['v1'], { keys });
  assert.equal(server.version(contract.model), 'v1');
  const file = (version: string, name: string): string =>
    join(loop.names.directory, 'models', contract.model, version, name);
  await release('v2', { after: () => flipByte(file('v2', 'manifest.sig')) });
  await release('v3', { after: () => flipByte(file('v3', 'manifest.json')) });
  await release('v4', { after: () => rm(file('v4', 'manifest.sig')) });
  await release('v5');
  await until('the last is dealt with', () => server.version(contract.model) === 'v5');
  const refusals = said.filter((line) => line['event'] === 'serve.refused');
  const foreign = 'has a signature that is not that of the key given here';
  assert.deepEqual(
    refusals.map(({ version, why, serving }) => [version, why, serving]),
    [
      ['v2', `models/${contract.model}/v2/manifest.json ${foreign}`, 'v1'],
      ['v3', `models/${contract.model}/v3/manifest.json ${foreign}`, 'v1'],
      [
        'v4',
        `models/${contract.model}/v4/manifest.json is not signed, and only signed versions are trusted here`,
        'v1',
      ],
    ],
  );
});

test('a split, a shadow and a rollback outlive the server, and a shadow is logged beside the answer', async (t) => {
  const { server, contract, loop, release, open } = await serving(t, ['v1', 'v2']);
  const path = `/v1/models/${contract.model}`;
  const examples = machineRows({ rows: 300, fromMs: START, days: 1, seed: 5 }).map(exampleOf);
  const versionsOf = async (of: ModelServer): Promise<string[]> => {
    const answer = await post(of, `${path}/score-batch`, { examples, log: false });
    return ANSWER.parse(await answer.json()).predictions.map(({ version }) => version);
  };
  const put = (of: ModelServer, body: unknown): Promise<Response> =>
    fetch(`${of.url}${path}/split`, { method: 'PUT', body: JSON.stringify(body) });
  const split = { experiment: 'e', weights: { v1: 0.5, v2: 0.5 }, shadows: ['v1'] };
  const set = await put(server, split);
  assert.equal(set.status, 200, await set.text());
  const before = await versionsOf(server);
  assert.deepEqual([...new Set(before)].toSorted(), ['v1', 'v2']);
  await post(server, `${path}/score-batch`, { examples, await_log: true });
  const shadows = await outsideConsumer(
    t,
    loop,
    `${loop.names.database}.shadows`,
    before.filter((version) => version === 'v2').length,
  );
  assert.ok(shadows.every((record) => record['version'] === 'v1'));
  await server.stop();

  const again = await open();
  await again.ready;
  assert.deepEqual(await versionsOf(again), before, 'the same ids go to the same versions');
  assert.equal((await post(again, `${path}/rollback`, { to: 'v1' })).status, 200);
  assert.deepEqual([...new Set(await versionsOf(again))], ['v1']);
  await release('v3');
  await until('v3 serves', () => again.version(contract.model) === 'v3');
  assert.equal((await post(again, `${path}/rollback`, {})).status, 200);
  assert.equal(again.version(contract.model), 'v1', 'v3 followed v1');
  await again.stop();

  const last = await open();
  await last.ready;
  assert.equal(last.version(contract.model), 'v1', 'v3 is released and stays rolled back');
});

test('a port in use is a sentence, not a stack trace', async (t) => {
  const { server, open } = await serving(t, []);
  await assert.rejects(open(Number(new URL(server.url).port)), {
    code: 'PORT_IN_USE',
    message: /The port \d+ of the model server is in use/,
  });
});

interface ReleaseChanges {
  readonly sha256?: string;
  readonly uri?: string;
  readonly status?: 'accepted' | 'rejected';
  readonly onnx?: Buffer;
  readonly manifest?: (manifest: Manifest) => Manifest;
  /** Runs between storing the files and publishing the release. */
  readonly after?: () => Promise<void>;
}

/** A running server with these versions released before it starts, and a way to release more. */
async function serving(
  t: TestContext,
  versions: readonly string[],
  { keys, ...options }: { keep?: number; keys?: KeyPairKeyObjectResult } = {},
) {
  const loop = await makeLoop(t, stack(), uniqueName('served'));
  const contract = machineContract(loop.names.database, 'serving');
  await loop.kafka.createTopics([topicOf(contract.topic, 3)]);
  const encode = await releaseEncoder(loop);
  const schemaId = await loop.registry.register({ subject: contract.subject, definition: SERVING });
  const shadow = systemDefinition('shadow-prediction');
  const shadowId = await loop.registry.register({
    subject: `${loop.names.database}.shadows-value`,
    definition: shadow,
  });
  await loop.kafka.createTopics([topicOf(`${loop.names.database}.shadows`, 1)]);
  const encodeShadow = (value: Record<string, unknown>) => loop.codec.encode(shadowId, shadow, value);
  const directory = loop.names.directory;
  const store = openModelStore({ directory, signingKey: keys?.privateKey, verifyingKey: keys?.publicKey });
  const producer = await loop.kafka.producer();
  const models = new Map<string, { bytes: Uint8Array; sha256: string }>();
  const said: Record<string, unknown>[] = [];
  const note = (what: object): void => void said.push({ ...what });
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };

  async function release(version: string, changes: ReleaseChanges = {}): Promise<void> {
    const made = await makeModel(contract.model, version);
    const onnx = changes.onnx ?? made.onnx;
    const sha256 = sha256Of(onnx);
    const manifest = { ...made.manifest, sha256 };
    const { uri } = await store.putVersion({
      model: contract.model,
      version,
      onnx,
      manifest: changes.manifest?.(manifest) ?? manifest,
    });
    models.set(version, { bytes: onnx, sha256 });
    await changes.after?.();
    const id = eventId('release', loop.names.database, version);
    const value = encode({
      release_id: id,
      model: contract.model,
      version,
      status: changes.status ?? 'accepted',
      reasons: ['a test wants it'],
      request_id: id,
      parent: null,
      created: START,
      uri: changes.uri ?? uri,
      sha256: changes.sha256 ?? sha256,
      log_loss_before: null,
      log_loss_after: 0.5,
      validation_rows: 100,
    });
    await producer.send([{ topic: loop.names.releases, key: contract.model, value }]);
  }

  for (const version of versions) await release(version);
  const open = async (port = 0): Promise<ModelServer> => {
    const server = await startModelServer({
      port,
      kafka: loop.kafka,
      codec: loop.codec,
      store,
      openScorer,
      models: [{ contract, definition: SERVING, schemaId }],
      releases: { topic: loop.names.releases, encode },
      shadows: { topic: `${loop.names.database}.shadows`, encode: encodeShadow },
      log,
      codeVersion: '0.0.0-test',
      ...options,
    });
    t.after(() => server.stop());
    return server;
  };
  const server = await open();
  await server.ready;
  return { server, contract, loop, models, said, release, open };
}

const SERVING = machineDefinition('serving');

/** A small true model, another one per version, with the manifest that the trainer would write. */
async function makeModel(model: string, version: string): Promise<{ onnx: Buffer; manifest: Manifest }> {
  const rows = machineRows({ rows: 600, fromMs: START, days: 7, seed: Number(version.slice(1)) });
  const dataset = machineDataset(rows);
  const trained = trainGradientBoosting({
    train: dataset,
    options: { rounds: 5, maxLeaves: 4 },
    random: seededRandom(1),
  });
  assert.equal(trained.status, 'trained');
  if (trained.status !== 'trained') return assert.fail();
  const onnx = Buffer.from(exportOnnx(trained.model));
  const sha256 = sha256Of(onnx);
  const scorer = await loadScorer({ bytes: onnx, sha256 });
  const scores = await scorer.score(columnsOfDataset(dataset, scorer.inputs));
  await scorer.close();
  const golden = rows.slice(0, 8).map((row, at) => ({
    numeric: { heat: row.heat, load: row.load },
    categorical: { color: row.color },
    prediction: scores[at] ?? 0,
  }));
  const time = new Date(START).toISOString();
  return {
    onnx,
    manifest: {
      format: 1,
      model,
      version,
      status: 'accepted',
      reasons: [],
      created: time,
      sha256,
      bytes: onnx.length,
      inputs: scorer.inputs.map((input) => ({ ...input })),
      snapshot: {
        uri: '',
        sha256: '',
        rows: rows.length,
        query: 'snapshot-export',
        table: 'training_machines',
        columns: [],
        topic: 'training.machines',
        partitions: [],
        first_offsets: [],
        end_offsets: [],
        from: time,
        until: time,
        schema_ids: [],
      },
      training: {
        trainer: 'test',
        seed: 1,
        config: {},
        rows: 600,
        positives: 300,
        purged: 0,
        until: time,
        metrics: {},
      },
      validation: { from: time, rows: 100, positives: 50, log_loss: 0.5, log_loss_sd: 0.1, roc_auc: null },
      comparison: null,
      lineage: { request_id: '', incident_id: null, cause: 'a test wants it', parent: null },
      golden: { tolerance: 1e-5, rows: golden },
      code_version: '0.0.0-test',
    },
  };
}

function exampleOf({ machine_id, eventTimeMs, heat, load, color }: MachineRow): Record<string, unknown> {
  return { machine_id, event_time: eventTimeMs, heat, load, color };
}

function wrongGolden({ golden }: Manifest): Manifest['golden'] {
  return {
    ...golden,
    rows: golden.rows.map((row) => ({ ...row, prediction: 1 - Number(row.prediction) + 0.01 })),
  };
}

async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

async function cut(path: string): Promise<void> {
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length >> 1));
}

/** Reads a topic as a stranger would: kafkajs, the registry's client, and nothing of ours. */
async function outsideConsumer(
  t: TestContext,
  loop: Loop,
  topic: string,
  wanted: number,
): Promise<Record<string, unknown>[]> {
  const registry = new SchemaRegistry({ host: loop.names.stack.registryUrl });
  const client = new kafkajs.Kafka({
    brokers: [...loop.names.stack.brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const consumer = client.consumer({ groupId: uniqueName('outside') });
  t.after(() => consumer.disconnect());
  const found: Record<string, unknown>[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    async eachMessage({ message }) {
      if (message.value !== null) found.push({ ...(await registry.decode(message.value)) });
    },
  });
  await until(`${wanted} records on ${topic}`, () => found.length >= wanted);
  return found;
}

function post(server: ModelServer, path: string, body: unknown): Promise<Response> {
  return fetch(`${server.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
}

/** The text of an answer, or what went wrong instead. */
async function send(server: ModelServer, request: { path: string; body: string }): Promise<string> {
  try {
    const answer = await fetch(`${server.url}${request.path}`, { method: 'POST', body: request.body });
    return await answer.text();
  } catch (error) {
    return String(error);
  }
}

const METADATA = z.object({ versions: z.array(z.string()) });
const ANSWER = z.object({
  version: z.string(),
  predictions: z.array(z.object({ id: z.string(), prediction: z.number(), version: z.string() })),
});
