import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startExperiments } from '../../processors/experiments/experiments.ts';
import { viewModel } from '../../processors/panes/model-view.ts';
import type { TrafficChange } from '../../src/core/experiments/traffic.ts';
import { eventId } from '../../src/core/uuid.ts';
import { openModelStore } from '../../src/io/files/model-store.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { trafficRecord } from '../../src/runtime/release-record.ts';
import { stackVariables, startCli } from '../fixtures/cli.ts';
import {
  askFor,
  type Loop,
  machineModel,
  machineTrainer,
  makeLoop,
  releaseEncoder,
  storeRows,
} from '../fixtures/loop.ts';
import { machineContract, machineRows } from '../fixtures/machines.ts';
import { stack, uniqueName } from '../fixtures/stack.ts';
import { until } from '../fixtures/until.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);

test('driftwatch models: aliases as the traffic is, lineage, card, export, and no version that was tampered with', async (t) => {
  const { loop, model, ask, keyFile } = await twoVersions(t);
  await traffic(t, loop, model, {
    action: 'split',
    champion: 'v1',
    experiment: 'by hand',
    versions: [
      { version: 'v1', weight: 3 },
      { version: 'v2', weight: 1 },
    ],
    shadows: [],
  });

  assert.equal(
    await ask(0, 'models', 'aliases'),
    'champion   v1, answers 75 % of the ids\nchallenger v2, answers 25 % of the ids\n',
  );

  const shown = await ask(0, 'models', 'show', 'challenger');
  assert.match(shown, new RegExp(`^version   ${model} v2, accepted: .*log-loss`));
  assert.match(shown, /\naliases {3}challenger\n/);
  assert.match(shown, /\nsnapshot {2}[0-9a-f]{64} 6000 rows, training\.\S+ 0:0-2000 1:0-2000 2:0-2000\n/);
  assert.match(shown, /\nparent {4}v1\nrelease {3}\S+\.releases 0:2\nreceipt {3}none yet\n$/);
  assert.match(await ask(1, 'models', 'show', 'shadow'), /Of \S+ no version is shadow now/);

  const card = await ask(0, 'models', 'card', 'champion');
  assert.match(card, new RegExp(`^# ${model} v1\n`));
  const directory = join(loop.names.directory, 'exported');
  const exported = await ask(0, 'models', 'export', 'champion', '--mlflow', directory);
  assert.equal(exported, `${model} v1 is in ${directory}.\n`);
  const onnx = (version: string): string =>
    join(loop.names.directory, 'models', model, version, 'model.onnx');
  assert.deepEqual(await readFile(join(directory, 'model.onnx')), await readFile(onnx('v1')));

  const manifest = join(loop.names.directory, 'models', model, 'v1', 'manifest.json');
  const signed = await readFile(manifest, 'utf8');
  await writeFile(manifest, signed.replace('"seed": 1', '"seed": 2'));
  const foreign =
    /v1 cannot be trusted: \S+manifest\.json has a signature that is not that of the key given here/;
  assert.match(await ask(1, 'models', 'card', 'v1'), foreign);
  assert.match(await ask(1, 'models', 'export', 'champion', '--mlflow', `${directory}2`), foreign);
  await assert.rejects(readFile(join(`${directory}2`, 'MLmodel')), { code: 'ENOENT' });
  await writeFile(manifest, signed);
  const bytes = await readFile(onnx('v2'));
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await writeFile(onnx('v2'), bytes);
  assert.match(await ask(1, 'models', 'card', 'v2'), /v2 cannot be trusted: \S+model\.onnx has sha256/);
  await writeFile(keyFile, 'no key');
  assert.match(await ask(1, 'models', 'card', 'v1'), /The key \S+ cannot be used/);
});

/** A model with two accepted, signed versions, and a way to run a command on them that ends with a status. */
async function twoVersions(t: TestContext) {
  const model = uniqueName('named');
  const loop = await makeLoop(t, stack(), model);
  const keys = generateKeyPairSync('ed25519');
  const { directory } = loop.names;
  const store = openModelStore({ directory, signingKey: keys.privateKey, verifyingKey: keys.publicKey });
  const machines = machineModel(model);
  const [before, after] = [
    machineRows({ rows: 3000, fromMs: START, days: 28, seed: 1 }),
    machineRows({ rows: 3000, fromMs: START + 28 * DAY, days: 28, seed: 2, world: 2 }),
  ];
  await storeRows(loop.clickhouse, machines.contract, before);
  const trainer = await machineTrainer(t, loop, [machines], { store });
  const untilMs = START + 28 * DAY;
  await askFor(loop, { requestId: eventId('test', model, 1), model, fromMs: START, untilMs });
  await trainer.idle();
  await storeRows(loop.clickhouse, machines.contract, after, 1000);
  const all = { model, fromMs: START, untilMs: START + 56 * DAY };
  await askFor(loop, { requestId: eventId('test', model, 2), ...all });
  await trainer.idle();

  const keyFile = join(directory, 'public.pem');
  await writeFile(keyFile, keys.publicKey.export({ type: 'spki', format: 'pem' }));
  const config = join(directory, 'driftwatch.yaml');
  await writeFile(config, `database: ${loop.names.database}\nmodels:\n  ${model}: {}\n`);
  const env = {
    ...stackVariables(stack()),
    DRIFTWATCH_STORE: directory,
    DRIFTWATCH_VERIFYING_KEY: keyFile,
  };
  /** Standard output of a command, or what it says to standard error when it fails. */
  async function ask(status: 0 | 1, ...words: readonly string[]): Promise<string> {
    const child = startCli(t, [...words, '--config', config, '--home', directory], env);
    assert.deepEqual(await child.ended, { code: status, signal: null }, child.stderr());
    return status === 0 ? child.stdout() : child.stderr();
  }
  return { loop, model, ask, keyFile };
}

/** Puts a change on model-releases as a model server does, and lets the experiments take it in. */
async function traffic(t: TestContext, loop: Loop, model: string, change: TrafficChange): Promise<void> {
  const id = eventId('test traffic', model);
  const encode = await releaseEncoder(loop);
  const producer = await loop.kafka.producer();
  const value = encode(trafficRecord({ id, model, change, createdMs: START, reasons: ['a test wants it'] }));
  await producer.send([{ topic: loop.names.releases, key: model, value }]);
  const contracts = {
    training: machineContract(model, 'training'),
    serving: machineContract(model, 'serving'),
    labels: machineContract(model, 'labels'),
  };
  const running = await startExperiments({
    ports: {
      ...loop,
      decode: (payload) => loop.codec.decode(payload),
      times: async () => new Map(),
      clock: systemClock,
      log: silentLog,
    },
    models: new Map([[model, { view: viewModel({ ...contracts, segments: [] }) }]]),
    releases: loop.names.releases,
    groupId: `${model}-experiments`,
    everyMs: 3_600_000,
  });
  t.after(() => running.stop());
  await until('all is read', () => running.leads());
}
