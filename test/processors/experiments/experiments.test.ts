import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { type RunningExperiments, startExperiments } from '../../../processors/experiments/experiments.ts';
import type { TestedModel, TopicTimes } from '../../../processors/experiments/ports.ts';
import { storeShadows } from '../../../processors/experiments/store-shadows.ts';
import { viewModel } from '../../../processors/panes/model-view.ts';
import { rawTableName } from '../../../src/core/contract/raw-table.ts';
import { assignVersion } from '../../../src/core/experiments/assign-version.ts';
import { gainOfLabel } from '../../../src/core/experiments/confidence-sequence.ts';
import { rowLogLoss } from '../../../src/core/performance/row-log-loss.ts';
import { eventId } from '../../../src/core/uuid.ts';
import { ensureRawTable } from '../../../src/io/clickhouse/ensure-raw-table.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Outbox } from '../../../src/runtime/outbox.ts';
import { trafficRecord } from '../../../src/runtime/release-record.ts';
import { makeLoop, releaseEncoder, releasesOf, systemDefinition, topicOf } from '../../fixtures/loop.ts';
import { type MachineRow, machineContract, machineRows } from '../../fixtures/machines.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';
import { until } from '../../fixtures/until.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);

test('a better version takes its step, is promoted on the labels, and a successor repeats nothing', async (t) => {
  const world = await testedWorld(t, { shadow: false, steps: [0.3] });
  const first = await world.start('first');
  await first.look();
  await until('the step is on the topic', async () => (await world.traffic()).length === 1);
  const [step] = await world.traffic();
  assert.deepEqual(
    [step?.['action'], step?.['split_versions'], step?.['split_weights']],
    ['step', ['v1', 'v2'], [0.7, 0.3]],
  );
  await until('the step is read', () => first.known(world.model).run !== undefined);

  // A server that takes the step up late: until then the champion answers everything.
  const rows = machineRows({ rows: 2_400, fromMs: START + 1_000, days: 12, seed: 4 });
  await world.serve(rows, (row) =>
    row.eventTimeMs < START + 2 * DAY ? 'v1' : (world.assigned(row, 0.3) ?? 'v1'),
  );
  world.reach(START + 2 * DAY);
  await first.look();
  assert.equal((await world.traffic()).length, 1, 'the stage has only begun');
  world.reach(START + 14 * DAY);
  await first.look();
  await until('the promotion is on the topic', async () => (await world.traffic()).length === 2);
  const promoted = (await world.traffic())[1];
  assert.deepEqual([promoted?.['action'], promoted?.['version']], ['promote', 'v2']);
  assert.match(String(promoted?.['reasons']), /gain 0\.\d+ \[0\.\d+, 0\.\d+\] nats on \d+ labels/);
  await until('it is read', () => first.known(world.model).traffic.champions.at(-1) === 'v2');
  await first.look();

  const decisions = await world.decisions();
  assert.deepEqual(
    decisions.map(({ number, action, share }) => [number, action, share]),
    [
      [0, 'step', 0.3],
      [1, 'promote', 1],
    ],
  );
  const last = decisions[1];
  assert.ok((last?.gain_low ?? 0) > 0 && (last?.labels ?? 0) > 1_500 && (last?.ratio_p ?? 0) > 0.001);
  assert.equal(last?.decision_id, promoted?.['ce_id']);
  const versionOf = (row: MachineRow): string =>
    row.eventTimeMs < START + 2 * DAY ? 'v1' : (world.assigned(row, 0.3) ?? 'v1');
  const begun = rows.findIndex((row) => versionOf(row) === 'v2');
  const gains = rows.slice(begun).map((row) => {
    const arm = versionOf(row) === 'v2' ? 'challenger' : 'champion';
    const loss = rowLogLoss(predicted(row, arm === 'challenger'), row.failed);
    return gainOfLabel({ arm, share: 0.3, loss, expected: 0.5 });
  });
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  assert.equal(last?.labels, gains.length);
  assert.ok(Math.abs((last?.gain ?? 0) - mean) < 1e-9, `SQL says ${last?.gain}, the definition ${mean}`);
  await first.stop();
  const second = await world.start('second');
  await second.look();
  await second.look();
  assert.equal((await world.traffic()).length, 2);
  assert.equal((await world.decisions()).length, 2);
});

test('a worse version is rolled back while it only shadows, and has answered nobody', async (t) => {
  const world = await testedWorld(t, { shadow: true, steps: [0.2] }, { better: 'v1' });
  const running = await world.start('only');
  await running.look();
  await until('it shadows', () => running.known(world.model).run !== undefined);
  assert.deepEqual(running.known(world.model).traffic.shadows, ['v2']);
  const rows = machineRows({ rows: 1_200, fromMs: START + 1_000, days: 6, seed: 4 });
  await world.serve(rows, () => 'v1');
  await world.shadow(rows, 'v2');
  world.reach(START + 8 * DAY);
  await running.look();
  await until('it is rolled back', async () => (await world.traffic()).length === 2);
  const [begun, back] = await world.traffic();
  assert.deepEqual([begun?.['action'], begun?.['shadows']], ['shadow', ['v2']]);
  assert.deepEqual([back?.['action'], back?.['version']], ['roll back', 'v1']);
  await until('it is read', () => running.known(world.model).traffic.experiment === undefined);
  await running.look();
  assert.equal((await world.traffic()).length, 2, 'a version that was rolled back is not tested again');
});

test('a decision that was written and not published is published as it was written', async (t) => {
  const world = await testedWorld(t, { shadow: false, steps: [0.3] });
  let away = true;
  const flaky: Outbox = {
    ...world.loop.outbox,
    async put(events) {
      if (away) throw new Error('killed');
      await world.loop.outbox.put(events);
    },
  };
  const first = await world.start('first', flaky);
  await first.look();
  assert.deepEqual([(await world.decisions()).length, (await world.traffic()).length], [1, 0]);
  await first.stop();
  away = false;
  world.reach(START + 5 * DAY);
  const second = await world.start('second', flaky);
  await second.look();
  await until('it is published', async () => (await world.traffic()).length === 1);
  assert.equal((await world.traffic())[0]?.['holds_from'], START + 1, 'as decided, not as it would be now');
  assert.equal((await world.decisions()).length, 1);
});

test('what a person changed is written down once, and ends what was under way', async (t) => {
  const world = await testedWorld(t, { shadow: false, steps: [0.3] });
  const first = await world.start('first');
  await first.look();
  await until('the step is read', () => first.known(world.model).run !== undefined);
  await world.rollback(first.known(world.model).traffic.experiment ?? '');
  await until('it is read', () => first.known(world.model).traffic.experiment === undefined);
  await first.look();
  await first.stop();
  const second = await world.start('second');
  await second.look();
  assert.deepEqual(
    (await world.decisions()).map(({ action, challenger, reasons }) => [action, challenger, reasons]),
    [
      ['step', 'v2', ['v2 answers 30 % of the ids: a version was accepted']],
      ['roll back', 'v2', ['a person rolled back']],
    ],
  );
  assert.deepEqual(
    second.known(world.model).accepted.map(({ version, rolledBackMs }) => [version, rolledBackMs]),
    [['v2', START + 5]],
  );
  assert.equal((await world.traffic()).length, 2);
});

/** Two released versions; one tells failures by heat, the other says the same of all. */
async function testedWorld(
  t: TestContext,
  plan: { shadow: boolean; steps: readonly number[] },
  { better = 'v2' } = {},
) {
  const model = uniqueName('tested');
  const loop = await makeLoop(t, stack(), model);
  const contracts = {
    training: machineContract(model, 'training'),
    serving: machineContract(model, 'serving'),
    labels: machineContract(model, 'labels'),
  };
  for (const contract of [contracts.serving, contracts.labels]) {
    await ensureRawTable({ clickhouse: loop.clickhouse, contract });
  }
  const encode = await releaseEncoder(loop);
  const producer = await loop.kafka.producer();
  for (const version of ['v1', 'v2']) {
    const id = eventId('test release', model, version);
    const value = encode({
      release_id: id,
      model,
      version,
      status: 'accepted',
      reasons: [],
      request_id: id,
      parent: version === 'v1' ? null : 'v1',
      created: START,
      uri: '',
      sha256: '',
      log_loss_before: null,
      log_loss_after: 0.5,
      validation_rows: 100,
    });
    await producer.send([{ topic: loop.names.releases, key: model, value }]);
  }
  const tested: TestedModel = {
    view: viewModel({ ...contracts, segments: [] }),
    plan: { ...plan, minimumMs: DAY, minimumLabels: 200, endAfter: 20_000 },
    tolerance: 0.05,
    labelDelayMs: 2 * DAY,
    disorderMs: 0,
  };
  const experiment = eventId('experiment', model, 'v2');
  let reachedMs = START;

  return {
    model,
    loop,
    reach(ms: number): void {
      reachedMs = ms;
    },
    assigned: (row: MachineRow, share: number) =>
      assignVersion({
        experiment,
        id: row.machine_id,
        versions: [
          { version: 'v1', weight: 1 - share },
          { version: 'v2', weight: share },
        ],
      }),
    traffic: async () => (await releasesOf(loop)).filter(({ status }) => status === 'traffic'),
    /** A rollback as a model server records it. */
    async rollback(experiment: string): Promise<void> {
      const change = { action: 'roll back', champion: 'v1', experiment, versions: [], shadows: [] } as const;
      const id = eventId('test rollback', model);
      const reasons = ['a person rolled back'];
      const value = encode(trafficRecord({ id, model, change, createdMs: START + 5, reasons }));
      await producer.send([{ topic: loop.names.releases, key: model, value }]);
    },
    decisions: () => loop.clickhouse.rows('experiment-decisions', { model }, DECISION),
    async start(name: string, outbox: Outbox = loop.outbox): Promise<RunningExperiments> {
      const running = await startExperiments({
        ports: {
          kafka: loop.kafka,
          clickhouse: loop.clickhouse,
          outbox,
          decode: (payload) => loop.codec.decode(payload),
          times: async (topics) =>
            new Map(
              topics.map((topic): [string, TopicTimes] => [topic, { reachedMs, furthestMs: reachedMs }]),
            ),
          clock: systemClock,
          log: silentLog,
        },
        models: new Map([[model, { view: tested.view, test: tested }]]),
        releases: loop.names.releases,
        groupId: `${model}-${name}`,
        everyMs: 3_600_000,
      });
      t.after(() => running.stop());
      await until('it leads', () => running.leads());
      return running;
    },
    async serve(rows: readonly MachineRow[], versionOf: (row: MachineRow) => string): Promise<void> {
      const place = (index: number) => ({
        _partition: index % 3,
        _offset: Math.floor(index / 3),
        _schema_id: 1,
      });
      await loop.clickhouse.insert(
        rawTableName(contracts.serving),
        rows.map((row, index) => {
          const { eventTimeMs, failed: _, ...features } = row;
          const version = versionOf(row);
          return {
            ...features,
            event_time: new Date(eventTimeMs).toISOString(),
            prediction: predicted(row, version === better),
            model_version: version,
            latency_ms: 1,
            producer: 'test',
            ...place(index),
          };
        }),
      );
      await loop.clickhouse.insert(
        rawTableName(contracts.labels),
        rows.map(({ eventTimeMs, machine_id, failed }, index) => ({
          machine_id,
          event_time: new Date(eventTimeMs + (failed === 1 ? DAY : DAY / 100)).toISOString(),
          failed,
          ...place(index),
        })),
      );
    },
    /** Puts shadow predictions on their topic and stores them. */
    async shadow(rows: readonly MachineRow[], version: string): Promise<void> {
      const topic = `${model}.shadows`;
      await loop.kafka.createTopics([topicOf(topic, 1)]);
      const definition = systemDefinition('shadow-prediction');
      const id = await loop.registry.register({ subject: `${topic}-value`, definition });
      const consumer = await storeShadows({
        ports: { ...loop, decode: (payload) => loop.codec.decode(payload), log: silentLog },
        groupId: `${model}-shadows`,
        topic,
      });
      t.after(() => consumer.close());
      const messages = rows.map((row) => ({
        topic,
        key: row.machine_id,
        value: loop.codec.encode(id, definition, {
          model,
          version,
          example_id: row.machine_id,
          event_time: row.eventTimeMs,
          prediction: predicted(row, version === better),
        }),
      }));
      await producer.send([{ topic, key: 'x', value: Buffer.from('no record') }, ...messages]);
      await until('shadow predictions are stored', async () => {
        const params = { model, challenger: version, from_ms: 0 };
        const [row] = await loop.clickhouse.rows(
          'experiment-shadowed',
          params,
          z.object({ rows: z.coerce.number() }),
        );
        return row?.rows === rows.length;
      });
    },
  };
}

function predicted({ heat }: MachineRow, good: boolean): number {
  return good ? 1 / (1 + Math.exp(-1.5 * (heat ?? 0))) : 0.5;
}

const DECISION = z.object({
  decision_id: z.string(),
  number: z.coerce.number(),
  action: z.string(),
  challenger: z.string(),
  reasons: z.array(z.string()),
  share: z.number(),
  gain: z.number().nullable(),
  gain_low: z.number().nullable(),
  labels: z.coerce.number(),
  ratio_p: z.number().nullable(),
});
