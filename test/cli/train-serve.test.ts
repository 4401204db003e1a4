import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { STREAMS } from '../../src/core/contract/contract.ts';
import { eventId } from '../../src/core/uuid.ts';
import { SYSTEM_TOPICS } from '../../topics/index.ts';
import { stackVariables, startCli } from '../fixtures/cli.ts';
import { askFor, makeLoop, storeRows, topicOf } from '../fixtures/loop.ts';
import { machineContract, machineDefinition, machineRows } from '../fixtures/machines.ts';
import { stack, uniqueName } from '../fixtures/stack.ts';
import { taskContract, taskDefinition } from '../fixtures/tasks.ts';
import { until } from '../fixtures/until.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);

test('driftwatch train and driftwatch serve: from a request to an answered score, and a clean end', async (t) => {
  const model = uniqueName('cli');
  const loop = await makeLoop(t, stack(), model);
  await loop.kafka.createTopics([
    ...SYSTEM_TOPICS,
    ...STREAMS.map((stream) => topicOf(`${stream}.${model}`, 1)),
  ]);
  for (const stream of STREAMS) {
    const { subject } = machineContract(model, stream);
    await loop.registry.register({ subject, definition: machineDefinition(stream) });
  }
  const training = machineContract(model, 'training');
  await storeRows(loop.clickhouse, training, machineRows({ rows: 1500, fromMs: START, days: 28, seed: 1 }));
  const { config, env } = await configure(loop.names.directory, model);
  const port = await freePort();
  const train = startCli(t, ['train', ...config], env);
  const serve = startCli(t, ['serve', ...config, '--port', String(port)], env);

  const url = `http://127.0.0.1:${port}`;
  await until('the server is alive', () => answers(`${url}/v2/health/live`), 60_000);
  assert.equal(await answers(`${url}/v2/health/ready`), false);
  const requests = { ...loop, names: { ...loop.names, requests: 'retrain-requests' } };
  const requestId = eventId('test', model);
  await askFor(requests, { requestId, model, fromMs: START, untilMs: START + 28 * DAY });
  await until('a version serves', () => answers(`${url}/v2/health/ready`), 60_000);
  const example = { machine_id: 'm1', event_time: START, heat: 2.5, load: 3, color: 'red' };
  const answer = await fetch(`${url}/v1/models/${model}/score`, {
    method: 'POST',
    body: JSON.stringify({ example }),
  });
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /"id":"m1","prediction":0\.[0-9]+,"version":"v1"/);

  const show = startCli(t, ['release', 'show', ...config, '--server', url, '--json'], env);
  assert.deepEqual(await show.ended, { code: 0, signal: null }, show.stderr());
  assert.match(show.stdout(), /"version":"v1","before":null,"experiment":null/);
  const back = startCli(t, ['release', 'rollback', ...config, '--server', url], env);
  assert.deepEqual(await back.ended, { code: 1, signal: null });
  assert.match(back.stderr(), /No version of \S+ answered before/);

  for (const child of [train, serve]) child.process.kill('SIGTERM');
  for (const child of [train, serve]) assert.deepEqual(await child.ended, { code: 0, signal: null });
  const [logged] = await loop.kafka.watermarks(`serving.${model}`);
  assert.equal(logged?.high, 1, 'the prediction was logged before the server ended');
});

test('what stands in the way is a sentence and status 1', async (t) => {
  const model = uniqueName('cli');
  const loop = await makeLoop(t, stack(), model);
  await loop.kafka.createTopics(SYSTEM_TOPICS);
  const { config, env } = await configure(loop.names.directory, model);
  const train = startCli(t, ['train', ...config], env);
  assert.deepEqual(await train.ended, { code: 1, signal: null });
  assert.match(train.stderr(), /The registry has no schema for \w+\.cli_/);
  assert.doesNotMatch(train.stderr(), /\n\s+at /);
  const serve = startCli(t, ['serve', ...config], env);
  assert.deepEqual(await serve.ended, { code: 1, signal: null });
  assert.match(serve.stderr(), /No schema under serving\.\S+-value is a contract/);
  const subject = machineContract(model, 'serving').subject;
  await loop.registry.register({ subject, definition: machineDefinition('serving') });
  const occupied = createServer().listen(0, '127.0.0.1');
  t.after(async () => void occupied.close());
  await once(occupied, 'listening');
  const address = occupied.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const late = startCli(t, ['serve', ...config, '--port', String(port)], env);
  assert.deepEqual(await late.ended, { code: 1, signal: null });
  assert.match(late.stderr(), new RegExp(`The port ${port} of the model server is in use`));
});

test('a rollout of a model of classes is taken on', async (t) => {
  const model = uniqueName('cli');
  const loop = await makeLoop(t, stack(), model);
  await loop.kafka.createTopics(SYSTEM_TOPICS);
  for (const stream of STREAMS) {
    const { subject } = taskContract(model, stream, 'multiclass');
    await loop.registry.register({ subject, definition: taskDefinition(stream, 'multiclass') });
  }
  const { config, env } = await configure(loop.names.directory, model);
  const train = startCli(t, ['train', ...config], env);
  await until('the trainer is up', () => train.stderr().includes('The trainer is up'));
  train.process.kill('SIGTERM');
  assert.deepEqual(await train.ended, { code: 0, signal: null });
});

async function configure(
  directory: string,
  model: string,
): Promise<{ config: string[]; env: Record<string, string> }> {
  const file = join(directory, 'driftwatch.yaml');
  await writeFile(
    file,
    `database: ${model}\nmodels:\n  ${model}:\n    retrain: { minimum_rows: 200 }\n    rollout: { shadow: true, steps: [0.5] }\n`,
  );
  return { config: ['--config', file, '--home', directory], env: stackVariables(stack()) };
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(url).catch(() => undefined))?.ok ?? false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
