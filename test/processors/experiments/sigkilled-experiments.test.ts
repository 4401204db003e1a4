import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { rawTableName } from '../../../src/core/contract/raw-table.ts';
import { assignVersion } from '../../../src/core/experiments/assign-version.ts';
import { type Random, randomBelow, seededRandom } from '../../../src/core/random.ts';
import { eventId } from '../../../src/core/uuid.ts';
import { ensureRawTable } from '../../../src/io/clickhouse/ensure-raw-table.ts';
import { OUTBOX_STEPS } from '../../../src/runtime/outbox.ts';
import { type Loop, makeLoop, releasesOf, releaseTwo } from '../../fixtures/loop.ts';
import { machineContract, machineRows } from '../../fixtures/machines.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';
import { until } from '../../fixtures/until.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const CHILD = fileURLToPath(new URL('../../fixtures/experiments-child.ts', import.meta.url));
/** Of the first v2 is better than v1, of the second it is worse. */
const MODELS = ['better', 'worse'] as const;
type Model = (typeof MODELS)[number];
const STEPS = ['decision-written', ...OUTBOX_STEPS];
const SHARE = 0.3;
const KILLS = 9;

test('experiments killed with SIGKILL around their decisions, on real systems, decide and release once and as without', async (t) => {
  const untouched = await rollouts(await makeLoop(t, stack(), uniqueName('unkilled')));
  assert.deepEqual(await untouched.run([]), []);
  const expected = await untouched.outcome();
  assert.deepEqual(
    expected.released.map(({ model, action, version }) => [model, action, version]),
    [
      ['better', 'step', 'v1'],
      ['better', 'promote', 'v2'],
      ['worse', 'step', 'v1'],
      ['worse', 'roll back', 'v1'],
    ],
  );
  assert.equal(expected.decided.length, 4);

  const killed = await rollouts(await makeLoop(t, stack(), uniqueName('sigkilled')));
  const died = await killed.run(crashes(seededRandom(7)));
  t.diagnostic(`killed at ${died.join(', ')}`);
  assert.ok(died.length >= 7, `${died.length} kills`);
  for (const step of STEPS) assert.ok(died.includes(step), `no process died at ${step}: ${died}`);
  assert.deepEqual(await killed.outcome(), expected);
});

/**
 * Of one process after the other: it dies at the first labelled step from a certain one on that it comes to, or some
 * milliseconds later.
 */
function crashes(random: Random): string[] {
  return Array.from({ length: KILLS }, (_, nth) =>
    STEPS.slice(nth % STEPS.length)
      .map((step) => `${step}:1:${random() < 0.6 ? 0 : 1 + randomBelow(random, 25)}`)
      .join(),
  );
}

/** Two models with two released versions each, the same names in every loop, so that ids are the same. */
async function rollouts(loop: Loop) {
  const { clickhouse } = loop;
  for (const model of MODELS) {
    for (const stream of ['serving', 'labels'] as const) {
      await ensureRawTable({ clickhouse, contract: machineContract(model, stream) });
    }
    await releaseTwo(loop, { model, createdMs: START });
    await reach(model, START, 1);
  }
  /** Says that both topics have been taken in up to a moment, in one insert. */
  async function reach(model: Model, ms: number, version: number): Promise<void> {
    const row = { partition: 0, version, epoch: 1, owner: 'test', floor: 0, consumed: 0 };
    const max_event_time = new Date(ms).toISOString();
    await clickhouse.insert(
      'ledger',
      ['serving', 'labels'].map((stream) => ({ ...row, topic: `${stream}.${model}`, max_event_time })),
    );
  }

  /** Twelve days of answers under the split, and their labels. */
  async function feed(model: Model, fromMs: number): Promise<void> {
    const experiment = eventId('experiment', model, 'v2');
    const versions = [
      { version: 'v1', weight: 1 - SHARE },
      { version: 'v2', weight: SHARE },
    ];
    const rows = machineRows({ rows: 2_400, fromMs, days: 12, seed: 4 });
    const place = (at: number) => ({ _partition: at % 3, _offset: Math.floor(at / 3), _schema_id: 1 });
    await clickhouse.insert(
      rawTableName(machineContract(model, 'serving')),
      rows.map(({ eventTimeMs, failed: _, ...features }, at) => {
        const version = assignVersion({ experiment, id: features.machine_id, versions });
        const good = (version === 'v2') === (model === 'better');
        return {
          ...features,
          prediction: good ? 1 / (1 + Math.exp(-1.5 * (features.heat ?? 0))) : 0.5,
          event_time: new Date(eventTimeMs).toISOString(),
          model_version: version,
          latency_ms: 1,
          producer: 'test',
          ...place(at),
        };
      }),
    );
    await clickhouse.insert(
      rawTableName(machineContract(model, 'labels')),
      rows.map(({ machine_id, failed, eventTimeMs }, at) => ({
        machine_id,
        failed,
        event_time: new Date(eventTimeMs + DAY / 100).toISOString(),
        ...place(at),
      })),
    );
    await reach(model, START + 14 * DAY, 2);
  }

  const traffic = async () => (await releasesOf(loop)).filter(({ status }) => status === 'traffic');
  const fed = new Set<Model>();

  /** Gives each model its rows once its step is on the topic; whether both rollouts have ended. */
  async function isOver(): Promise<boolean> {
    const records = await traffic();
    for (const model of MODELS) {
      const step = records.find((one) => one['model'] === model && one['action'] === 'step');
      if (step === undefined || fed.has(model)) continue;
      fed.add(model);
      await feed(model, Number(step['holds_from']));
    }
    return MODELS.every((model) =>
      records.some(
        (one) => one['model'] === model && ['promote', 'roll back'].includes(String(one['action'])),
      ),
    );
  }

  return {
    /** One process after the other, each killed as it is told, and one that is not; answers where they died. */
    async run(points: readonly string[]): Promise<string[]> {
      const died: string[] = [];
      for (const [nth, point] of [...points, ''].entries()) {
        // The last waits until the group has given up on the one before; the others need not.
        const group = `${loop.names.database}-${point === '' ? points.length - 1 : nth}`;
        const child = spawn(process.execPath, [CHILD, JSON.stringify(loop.names), MODELS.join(), group], {
          env: { ...process.env, DRIFTWATCH_CRASH_AT: point },
          stdio: ['pipe', 'pipe', 'inherit'],
        });
        let said = '';
        child.stdout.on('data', (chunk: Buffer) => {
          said += chunk.toString();
        });
        const exited = once(child, 'close');
        let gone = false;
        void exited.then(() => {
          gone = true;
        });
        try {
          await until(
            'it dies or has nothing left to do',
            async () => gone || ((await isOver()) && (await isSettled())),
          );
        } finally {
          child.stdin.end();
          await exited;
        }
        const step = /killed at (\S+)/.exec(said)?.[1];
        if (step !== undefined) died.push(step);
      }
      return died;
    },
    async outcome() {
      const released = (await traffic()).toSorted((a, b) =>
        String(a['model']) < String(b['model']) ? -1 : 1,
      );
      assert.equal(
        new Set(released.map((one) => one['ce_id'])).size,
        released.length,
        'a decision is published twice',
      );
      const decided: unknown[] = [];
      const aliases: unknown[] = [];
      for (const model of MODELS) {
        decided.push(...(await clickhouse.rows('experiment-decisions', { model }, z.looseObject({}))));
        aliases.push(...(await clickhouse.rows('model-aliases', { model }, z.looseObject({}))));
      }
      return { released, decided, aliases };
    },
  };

  /** Whether what the topic says has become the newest state, and nothing waits to be marked. */
  async function isSettled(): Promise<boolean> {
    for (const model of MODELS) {
      const rows = await clickhouse.rows('model-aliases', { model }, z.object({ version: z.string() }));
      if (rows.length !== 1 || rows[0]?.version !== (model === 'better' ? 'v2' : 'v1')) return false;
    }
    const pending = await clickhouse.rows(
      'outbox-pending',
      { topics: [loop.names.releases] },
      z.looseObject({}),
    );
    return pending.length === 0;
  }
}
