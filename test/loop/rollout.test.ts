import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { z } from 'zod';
import { startExperiments } from '../../processors/experiments/experiments.ts';
import { readTimes } from '../../processors/experiments/read-times.ts';
import { storeShadows } from '../../processors/experiments/store-shadows.ts';
import { startIngest } from '../../processors/ingest/ingest.ts';
import { viewModel } from '../../processors/panes/model-view.ts';
import { STREAMS, type Stream } from '../../src/core/contract/contract.ts';
import { assignVersion } from '../../src/core/experiments/assign-version.ts';
import { eventId } from '../../src/core/uuid.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import { ensureRawTable } from '../../src/io/clickhouse/ensure-raw-table.ts';
import { openScorer } from '../../src/io/onnx-runtime/open-scorer.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { startModelServer } from '../../src/server/model-server/start-model-server.ts';
import { deadLetters, SYSTEM_TOPICS } from '../../topics/index.ts';
import {
  askFor,
  machineTrainer,
  releaseEncoder,
  releasesOf,
  systemDefinition,
  topicOf,
} from '../fixtures/loop.ts';
import { taskLoop } from '../fixtures/task-loop.ts';
import { type OtherTask, type TaskRow, taskDefinition, taskRows } from '../fixtures/tasks.ts';
import { until } from '../fixtures/until.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const SHARE = 0.4;

describe('rollouts of classes and of numbers', { concurrency: 2 }, () => {
  for (const task of ['multiclass', 'regression'] as const)
    test(`${task}: from rows of producers to a promotion through the live model server, and a worse version goes back`, async (t) => {
      const world = await liveWorld(t, task);
      // v1 has learnt a world that is no more, v2 the one that is, and what v3 learns is a mistake of the producer.
      await world.train(1, { fromDay: 0, world: 2 });
      await until('v1 serves', () => world.server.version(world.name) === 'v1');
      const asked = world.askAllTheTime();
      await world.live({ day: 42, days: 1, rows: 60 });
      await world.train(2, { fromDay: 14, world: 1 });
      await world.decided('shadow');
      await until('v2 shadows', async () => (await world.split()).shadows.includes('v2'));
      assert.deepEqual(await world.aliases(), ['champion v1 1', 'shadow v2 0']);
      const unseen = await world.live({ day: 43, days: 3, rows: 500 });
      assert.deepEqual(new Set(unseen.values()), new Set(['v1']), 'a shadow answers nobody');

      await world.decided('step');
      await until('the split is served', async () => (await world.split()).split !== null);
      assert.deepEqual((await world.split()).split?.weights, { v1: 0.6, v2: 0.4 });
      assert.deepEqual(await world.aliases(), [
        'challenger v2 0.4',
        'champion v1 0.6',
        'shadow v1 0',
        'shadow v2 0',
      ]);
      const tested = await world.live({ day: 47, days: 3, rows: 500 });
      for (const [id, version] of tested) assert.equal(version, world.assigned('v1', 'v2', id), id);
      const own = [...tested.values()].filter((version) => version === 'v2').length;
      assert.ok(own > 150 && own < 250, `${own} of 500 at a share of ${SHARE}`);

      await world.decided('promote');
      await until('v2 serves', () => world.server.version(world.name) === 'v2');
      assert.deepEqual(await world.aliases(), ['champion v2 1']);
      assert.deepEqual(new Set((await world.live({ day: 51, days: 1, rows: 60 })).values()), new Set(['v2']));

      await world.train(3, { fromDay: 28, world: 2 });
      await world.decided('shadow');
      await until('v3 shadows', async () => (await world.split()).shadows.includes('v3'));
      await world.live({ day: 53, days: 4, rows: 560 });
      await world.decided('roll back');
      await until('v3 is gone', async () => (await world.split()).experiment === null);
      assert.deepEqual(await world.aliases(), ['champion v2 1']);
      assert.deepEqual(new Set((await world.live({ day: 58, days: 1, rows: 60 })).values()), new Set(['v2']));

      const { answers, failures, versions } = await asked.stop();
      assert.deepEqual(failures, []);
      assert.deepEqual(versions, ['v1', 'v2'], 'no other version ever answered what is not split');
      assert.ok(answers > 50, `${answers} requests besides`);
      assert.deepEqual(
        (await releasesOf(world.loop)).map(({ status, action, version, shadows }) => [
          status === 'traffic' ? action : status,
          version,
          shadows,
        ]),
        [
          ['accepted', 'v1', []],
          ['accepted', 'v2', []],
          ['shadow', 'v1', ['v2']],
          ['step', 'v1', ['v1', 'v2']],
          ['promote', 'v2', []],
          ['accepted', 'v3', []],
          ['shadow', 'v2', ['v3']],
          ['roll back', 'v2', []],
        ],
      );
      const decisions = await world.decisions();
      assert.deepEqual(
        decisions.map(({ number, action, challenger, share }) => [number, action, challenger, share]),
        [
          [0, 'shadow', 'v2', 0],
          [1, 'step', 'v2', SHARE],
          [2, 'promote', 'v2', 1],
          [0, 'shadow', 'v3', 0],
          [1, 'roll back', 'v3', 0],
        ],
      );
      for (const { labels, decided } of [decisions[2], decisions[4]].filter((one) => one !== undefined)) {
        assert.equal(
          labels,
          world.ripe(decided),
          'each label counts once, and no sooner than others as late can be there',
        );
      }
      assert.ok((decisions[2]?.gain_low ?? 0) > 0 && (decisions[4]?.gain_high ?? 0) < 0);
    });
});

/** A model with its producers, ingest, trainer, server and experiments, all as they run live, in one process. */
async function liveWorld(t: TestContext, task: OtherTask) {
  const { name, loop, model, contracts } = await taskLoop(t, task, 'rollout');
  const { kafka, registry, clickhouse, codec } = loop;
  const shadowTopic = `${name}.shadows`;
  const topics = STREAMS.map((stream) => contracts[stream].topic);
  await kafka.createTopics([
    ...SYSTEM_TOPICS,
    ...topics.map((topic) => topicOf(topic, 2)),
    topicOf(shadowTopic, 1),
  ]);
  const label = task === 'regression' ? 'wear' : 'grade';
  const ids = new Map<Stream, number>();
  for (const stream of STREAMS) {
    const { subject } = contracts[stream];
    ids.set(stream, await registry.register({ subject, definition: taskDefinition(stream, task) }));
    await ensureRawTable({ clickhouse, contract: contracts[stream] });
  }
  const register = async (subject: string, record: string) => {
    const definition = systemDefinition(record);
    const schemaId = await registry.register({ subject, definition });
    return {
      schemaId,
      definition,
      encode: (value: Record<string, unknown>) => codec.encode(schemaId, definition, value),
    };
  };
  const ingest = await startIngest({
    kafka,
    registry,
    clickhouse,
    deadLetterCodec: { ...(await register(deadLetters.subject, 'dead-letter')), encode: codec.encode },
    sources: STREAMS.map((stream) => ({ contract: contracts[stream], topic: contracts[stream].topic })),
    owner: name,
    groupId: `${name}-ingest`,
    clock: systemClock,
    log: silentLog,
    onStored: () => undefined,
  });
  t.after(() => ingest.stop());
  const server = await startModelServer({
    port: 0,
    kafka,
    codec,
    store: loop.store,
    openScorer,
    models: [
      {
        contract: contracts.serving,
        definition: taskDefinition('serving', task),
        schemaId: ids.get('serving') ?? assert.fail(),
      },
    ],
    releases: { topic: loop.names.releases, encode: await releaseEncoder(loop) },
    shadows: {
      topic: shadowTopic,
      encode: (await register(`${shadowTopic}-value`, 'shadow-prediction')).encode,
    },
    rollouts: new Map([[name, 'tested']]),
    log: silentLog,
    codeVersion: '0.0.0-test',
  });
  t.after(() => server.stop());
  const ports = {
    kafka,
    clickhouse,
    outbox: loop.outbox,
    decode: codec.decode,
    clock: systemClock,
    log: silentLog,
  };
  const view = viewModel({ ...contracts, segments: [] });
  const test = {
    view,
    plan: { shadow: true, steps: [SHARE], minimumMs: DAY, minimumLabels: 200, endAfter: 20_000 },
    tolerance: 0.05,
    labelDelayMs: 12 * HOUR,
    disorderMs: 0,
  };
  const [experiments, shadows] = await Promise.all([
    startExperiments({
      ports: { ...ports, times: (of) => readTimes(clickhouse, of) },
      models: new Map([[name, { view, test }]]),
      releases: loop.names.releases,
      groupId: `${name}-experiments`,
      everyMs: HOUR,
    }),
    storeShadows({ ports, groupId: `${name}-shadows`, topic: shadowTopic }),
    machineTrainer(t, loop, [{ ...model, tested: true }]),
  ]);
  t.after(() => shadows.close());
  t.after(() => experiments.stop());
  const producer = await kafka.producer();
  t.after(() => producer.close());
  const path = `${server.url}/v1/models/${name}`;
  const served: (TaskRow & { readonly version: string | undefined })[] = [];
  let made = 0;

  async function log(
    stream: 'training' | 'labels',
    values: readonly Record<string, unknown>[],
  ): Promise<void> {
    const definition = taskDefinition(stream, task);
    const id = ids.get(stream) ?? assert.fail();
    await producer.send(
      values.map((value) => ({
        topic: contracts[stream].topic,
        key: String(value['machine_id']),
        value: codec.encode(id, definition, value),
      })),
    );
    await stored();
  }

  /** Resolves when ingest has stored everything that is on the topics. */
  async function stored(): Promise<void> {
    let high = 0;
    for (const topic of topics) for (const mark of await kafka.watermarks(topic)) high += mark.high;
    await until('ingest has stored everything', async () => {
      const rows = await clickhouse.rows('accounting', { topics }, z.object({ stored: count }));
      return rows.reduce((sum, row) => sum + row.stored, 0) === high;
    });
  }

  async function score(rows: readonly TaskRow[], log: boolean): Promise<Map<string, string>> {
    const answer = await fetch(`${path}/score-batch`, {
      method: 'POST',
      body: JSON.stringify({ examples: rows.map(exampleOf), producer: 'test', log, await_log: log }),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    const { predictions } = ANSWER.parse(await answer.json());
    return new Map(predictions.map(({ id, version }) => [id, version]));
  }

  return {
    name,
    loop,
    server,
    /** Producers log two weeks of training rows, somebody asks for a version of them, and it is accepted. */
    async train(nth: number, { fromDay, world }: { fromDay: number; world: 1 | 2 }): Promise<void> {
      const fromMs = START + fromDay * DAY;
      const rows = taskRows({ rows: 1_200, fromMs, days: 14, seed: 100 + nth, world });
      await log(
        'training',
        rows.map((row) => ({ ...exampleOf(row), [label]: row[label] })),
      );
      await askFor(loop, {
        requestId: eventId('test', name, nth),
        model: name,
        fromMs,
        untilMs: fromMs + 14 * DAY,
      });
      await until(`v${nth} is accepted`, () => experiments.known(name).newest === `v${nth}`);
    },
    /** Examples are asked for, each twice, and their labels come a few hours later; answers who answered whom. */
    async live({
      day,
      days,
      rows: n,
    }: {
      day: number;
      days: number;
      rows: number;
    }): Promise<Map<string, string>> {
      made += 1;
      const rows = taskRows({ rows: n, fromMs: START + day * DAY, days, seed: made });
      const answers = new Map<string, string>();
      for (let at = 0; at < n; at += 100) {
        const part = rows.slice(at, at + 100);
        const first = await score(part, true);
        assert.deepEqual(await score(part, false), first, 'the same ids go to the same versions');
        for (const [id, version] of first) answers.set(id, version);
      }
      served.push(...rows.map((row) => ({ ...row, version: answers.get(row.machine_id) })));
      await log(
        'labels',
        rows.map((row) => ({
          machine_id: row.machine_id,
          event_time: row.eventTimeMs + delayOf(row),
          [label]: row[label],
        })),
      );
      const { shadows } = await this.split();
      for (const version of shadows) {
        const wanted = [...answers.values()].filter((one) => one !== version).length;
        const params = { model: name, challenger: version, from_ms: START + day * DAY };
        await until(`${version} has scored beside`, async () => {
          const [row] = await clickhouse.rows('experiment-shadowed', params, z.object({ rows: count }));
          return (row?.rows ?? 0) >= wanted;
        });
      }
      return answers;
    },
    /** Looks, and waits until the decision is read back from the topic. */
    async decided(action: string): Promise<void> {
      const before = (await this.decisions()).length;
      await experiments.look();
      const decision = (await this.decisions())[before];
      assert.equal(decision?.action, action, JSON.stringify(decision));
      const { experiment = '', number = 0 } = decision ?? {};
      await until('it is read', () => (experiments.known(name).numbers.get(experiment) ?? 0) > number);
    },
    /**
     * Labels of the experiment under way that count at a moment: those that come within an hour, or half a day, do then. A
     * step begins with the first answer that shows it.
     */
    ripe(nowMs: number): number {
      const shown = served.find((row) => row.eventTimeMs >= START + 47 * DAY && row.version === 'v2');
      const counts = (ms: number): boolean => {
        if (nowMs >= START + 52 * DAY) return ms >= START + 53 * DAY;
        return ms >= START + 43 * DAY && (ms < START + 47 * DAY || ms >= (shown?.eventTimeMs ?? ms));
      };
      return served.filter((row) => {
        const ends = delayOf(row) <= HOUR ? HOUR : 12 * HOUR;
        return counts(row.eventTimeMs) && nowMs - row.eventTimeMs >= ends;
      }).length;
    },
    decisions: () => clickhouse.rows('experiment-decisions', { model: name }, DECISION),
    async split(): Promise<z.infer<typeof SPLIT>> {
      return SPLIT.parse(await (await fetch(`${path}/split`)).json());
    },
    async aliases(): Promise<string[]> {
      const rows = await clickhouse.rows('model-aliases', { model: name }, ALIASED);
      return rows
        .map(({ alias, version, share }) => `${alias} ${version} ${Number(share.toFixed(6))}`)
        .toSorted();
    },
    assigned: (champion: string, challenger: string, id: string) =>
      assignVersion({
        experiment: eventId('experiment', name, challenger),
        id,
        versions: [
          { version: champion, weight: 1 - SHARE },
          { version: challenger, weight: SHARE },
        ],
      }),
    /** A client that asks one example after the other, whatever is going on. */
    askAllTheTime() {
      const [row] = taskRows({ rows: 1, fromMs: START + 42 * DAY, days: 1, seed: 999 });
      const example = exampleOf(row ?? assert.fail());
      const failures: string[] = [];
      const versions: string[] = [];
      let [answers, asking] = [0, true];
      async function ask(): Promise<void> {
        while (asking) {
          const answer = await fetch(`${path}/score`, {
            method: 'POST',
            body: JSON.stringify({ example, log: false }),
          });
          answers += 1;
          if (answer.status !== 200) failures.push(await answer.text());
          else {
            const { version } = ANSWERED.parse(await answer.json());
            if (version !== versions.at(-1)) versions.push(version);
          }
          await systemClock.sleep(20);
        }
      }
      const asked = ask();
      return {
        async stop() {
          asking = false;
          await asked;
          return { answers, failures, versions };
        },
      };
    },
  };
}

function delayOf({ wear }: TaskRow): number {
  return wear > 20 ? 4 * HOUR : HOUR;
}

function exampleOf({ machine_id, eventTimeMs, heat, load, color }: TaskRow): Record<string, unknown> {
  return { machine_id, event_time: eventTimeMs, heat, load, color };
}

const ANSWER = z.object({ predictions: z.array(z.object({ id: z.string(), version: z.string() })) });
const ANSWERED = z.object({ version: z.string() });
const SPLIT = z.object({
  experiment: z.string().nullable(),
  split: z.object({ weights: z.record(z.string(), z.number()) }).nullable(),
  shadows: z.array(z.string()),
});
const DECISION = z.object({
  experiment: z.string(),
  number: count,
  action: z.string(),
  decided: instant,
  challenger: z.string(),
  share: z.number(),
  labels: count,
  gain_low: z.number().nullable(),
  gain_high: z.number().nullable(),
});
const ALIASED = z.object({ alias: z.string(), version: z.string(), share: z.number() });
