import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { z } from 'zod';
import { requireFreePorts, stackPorts } from '../../../deploy/embedded/ports.ts';
import { identify, isRunning, type ProcessRecord } from '../../../deploy/embedded/process-identity.ts';
import { startStack } from '../../../deploy/embedded/start-stack.ts';
import { sentence } from '../../../src/errors.ts';
import { freeTestOffset, TEST_CACHE, temporaryHome } from '../../fixtures/own-stack.ts';
import { stackCommand } from '../../fixtures/stack-command.ts';
import { until } from '../../fixtures/until.ts';

/** ConfigResourceTypes.TOPIC, which kafkajs declares but does not export to ES modules. */
const TOPIC = 2;
const DEFINITION = '{"type":"record","name":"Kept","fields":[{"name":"a","type":"long"}]}';

const printed = z.object({
  brokers: z.array(z.string()),
  registry_url: z.string(),
  clickhouse: z.object({ url: z.string(), username: z.string(), password_file: z.string() }),
  pids: z.object({ kafka: z.int(), registry: z.int(), clickhouse: z.int() }),
});

test('what a stack was told outlives it, even a killed program, and nothing of it runs after stop', {
  timeout: 400_000,
}, async (t) => {
  const home = temporaryHome(t);
  const portOffset = await freeTestOffset();
  const progress: string[] = [];
  const stack = await startStack({
    home,
    cache: TEST_CACHE,
    portOffset,
    onProgress: (line) => progress.push(line),
  });
  t.after(() => stack.stop());
  assert.match(progress.join('\n'), /Kafka .* answers on .*\n(.|\n)*ClickHouse answers on/);
  assert.equal(statSync(stack.clickhouse.passwordFile).mode & 0o777, 0o600);

  await register(stack.registryUrl);
  await produce(stack.brokers);
  assert.equal(await retention(stack.brokers, 'kafkasql-journal'), '-1', 'schemas are kept for ever');
  const before = recordsOf(stack.pids);
  await stack.restartClickHouse();
  assert.notEqual(stack.pids.clickhouse, before[2]?.pid);
  assert.equal(stack.pids.kafka, before[0]?.pid);
  assert.equal(await ping(stack.clickhouse.url), 200);

  const programs = [...recordsOf(stack.pids), ...supervisors()];
  assert.equal(programs.length, 6, 'three programs and the supervisor of each');
  process.kill(stack.pids.registry, 'SIGKILL');
  assert.match(
    sentence(await stack.failed),
    /^the schema registry was ended by SIGKILL\. Its log is .*registry\.log\. It ends with:\n {2}\S/,
  );
  await stack.stop();
  assert.deepEqual(programs.filter(isRunning), []);
  await requireFreePorts(stackPorts(portOffset));

  const again = stackCommand(t, ['--home', home, '--port-offset', String(portOffset), '--cache', TEST_CACHE]);
  const addresses = printed.parse(JSON.parse(await again.firstLine));
  assert.deepEqual(addresses.brokers, stack.brokers);
  const schema = await fetch(`${addresses.registry_url}/subjects/kept-value/versions/latest`);
  assert.equal(z.object({ schema: z.string() }).parse(await schema.json()).schema, DEFINITION);
  assert.deepEqual(await highWatermark(addresses.brokers), ['1']);
  const running = recordsOf(addresses.pids);
  again.process.kill('SIGINT');
  const { status, stderr } = await again.ended;
  assert.equal(status, 0, stderr);
  assert.deepEqual(running.filter(isRunning), []);
});

test('a launcher that is killed takes the whole stack with it', { timeout: 300_000 }, async (t) => {
  const portOffset = await freeTestOffset();
  const command = stackCommand(t, [
    ...['--home', temporaryHome(t), '--cache', TEST_CACHE],
    ...['--port-offset', String(portOffset)],
  ]);
  const { pids } = printed.parse(JSON.parse(await command.firstLine));
  const running = recordsOf(pids);
  assert.deepEqual(running.map(isRunning), [true, true, true]);
  command.process.kill('SIGKILL');
  await until('every program is gone', () => !running.some(isRunning), 10_000);
  await requireFreePorts(stackPorts(portOffset));
});

function recordsOf(pids: { kafka: number; registry: number; clickhouse: number }): ProcessRecord[] {
  return [pids.kafka, pids.registry, pids.clickhouse].map((pid) => {
    const identity = identify(pid);
    assert.ok(identity, `process ${pid} runs`);
    return { name: String(pid), pid, identity };
  });
}

/** Supervisors that this test process started. */
function supervisors(): ProcessRecord[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const [name, , parent] = readFileSync(`/proc/${entry}/stat`, 'utf8')
          .replace(/^\d+ \((.*)\) /, (_, comm: string) => `${comm.replaceAll(' ', '_')} `)
          .split(' ');
        const identity = identify(Number(entry));
        const ours = Number(parent) === process.pid && name?.startsWith('driftwatch') === true;
        return ours && identity !== undefined ? [{ name: 'supervisor', pid: Number(entry), identity }] : [];
      } catch {
        return []; // ended meanwhile
      }
    });
}

async function register(registryUrl: string): Promise<void> {
  const answer = await fetch(`${registryUrl}/subjects/kept-value/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: DEFINITION }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

async function produce(brokers: readonly string[]): Promise<void> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }] });
  await producer.connect();
  await producer.send({ topic: 'kept', messages: [{ value: 'one' }] });
  await producer.disconnect();
  await admin.disconnect();
}

async function highWatermark(brokers: readonly string[]): Promise<string[]> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets('kept');
  await admin.disconnect();
  return offsets.map(({ high }) => high);
}

async function retention(brokers: readonly string[], topic: string): Promise<string | undefined> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: TOPIC, name: topic, configNames: ['retention.ms'] }],
  });
  await admin.disconnect();
  return resources[0]?.configEntries[0]?.configValue;
}

async function ping(url: string): Promise<number> {
  const answer = await fetch(`${url}/ping`);
  await answer.arrayBuffer();
  return answer.status;
}
