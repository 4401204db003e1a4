import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { startExperiments } from '../../../processors/experiments/experiments.ts';
import { viewModel } from '../../../processors/panes/model-view.ts';
import { eventId } from '../../../src/core/uuid.ts';
import type { ClickHouse } from '../../../src/io/clickhouse/client.ts';
import type { ConsumeArgs, Kafka, Message, Outgoing } from '../../../src/io/kafka/port.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { openOutbox } from '../../../src/runtime/outbox.ts';
import { machineContract } from '../../fixtures/machines.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const MODEL = 'machines';
const RELEASES = 'releases';

test('killed at any call to the outside, before or after it had its effect, one step and one promotion are published', async () => {
  const untouched = world();
  const calls = await untouched.process(START + 5 * DAY);
  const expected = untouched.outcome();
  assert.deepEqual(
    expected.published.map(({ action, version }) => [action, version]),
    [
      ['step', 'v1'],
      ['promote', 'v2'],
    ],
  );
  assert.deepEqual(expected.aliases, [{ alias: 'champion', version: 'v2', share: 1 }]);
  assert.ok(calls > 20, `${calls} calls`);
  const died = new Set<string>();
  for (let at = 1; at <= calls; at += 1) {
    for (const effect of [false, true]) {
      const one = world();
      await one.process(START + 5 * DAY, { at, effect });
      assert.equal(one.deaths.length, 1, `the process did not die at call ${at}`);
      for (const where of one.deaths) died.add(where);
      // The successor comes a day later: what was decided must not be decided anew.
      await one.process(START + 6 * DAY);
      const where = `killed ${effect ? 'after' : 'before'} call ${at}, ${one.deaths[0]}`;
      const { published, decided, aliases } = one.outcome();
      assert.deepEqual(published.map(label), expected.published.map(label), where);
      assert.deepEqual(decided, published, where);
      assert.deepEqual(aliases, expected.aliases, where);
    }
  }
  for (const needed of ['insert experiment_decisions', 'insert outbox', 'send', 'insert outbox_marks']) {
    assert.ok(died.has(needed), `no process died at ${needed}`);
  }
});

const label = ({ id, action, version }: Told): string => `${id} ${action} ${version}`;

/** Kafka and ClickHouse in memory, and processes that die at a call; what a dead process does has no effect. */
function world() {
  const log: Outgoing[] = [];
  const tables = new Map<string, Record<string, unknown>[]>();
  const deaths: string[] = [];
  let owner = 0;
  for (const version of ['v1', 'v2'])
    log.push({ topic: RELEASES, key: MODEL, value: encode(accepted(version)) });
  const table = (name: string): Record<string, unknown>[] => {
    const rows = tables.get(name) ?? [];
    tables.set(name, rows);
    return rows;
  };

  /** Runs the experiments until nothing is left to do or the process is dead; answers how many calls it made. */
  async function process(reachedMs: number, kill?: { at: number; effect: boolean }): Promise<number> {
    let calls = 0;
    let dead = false;
    async function call<T>(what: string, work: () => T): Promise<T> {
      if (dead) throw new Error('the process is dead');
      calls += 1;
      if (calls !== kill?.at) return work();
      dead = true;
      deaths.push(what);
      if (kill.effect) work();
      throw new Error(`killed at ${what}`);
    }

    const clickhouse: ClickHouse = {
      ...NOT_NEEDED,
      rows: (name, params, row) =>
        call(`read ${name}`, () =>
          z.array(row).parse(select(table, name, z.record(z.string(), z.unknown()).parse(params))),
        ),
      insert: (name, rows) => call(`insert ${name}`, () => void table(name).push(...rows)),
    };
    let consumed: ConsumeArgs | undefined;
    const kafka: Kafka = {
      ...NOT_NEEDED,
      producer: () =>
        call('open the exclusive producer', () => {
          owner += 1;
          const mine = owner;
          return {
            send: (messages) =>
              call('send', () => {
                assert.equal(mine, owner, 'a producer that was shut out sends');
                const places = messages.map(({ topic }, at) => ({
                  topic,
                  partition: 0,
                  baseOffset: log.length + at,
                }));
                log.push(...messages);
                return places;
              }),
            close: async () => undefined,
          };
        }),
      consume: async (args) => {
        consumed = args;
        return { progress: () => [], lastFetchAtMs: () => undefined, close: async () => undefined };
      },
      follow: async ({ topic, from, onMessage }) => {
        const first = from?.get(0) ?? 0;
        const caughtUp = call(`read ${topic} back`, () => log.slice(first)).then(async (tail) => {
          for (const [at, one] of tail.entries()) await onMessage(messageOf(one, first + at));
        });
        return { caughtUp, close: async () => undefined };
      },
      watermarks: async () => [{ partition: 0, low: 0, high: log.length }],
    };

    const outbox = await openOutbox({
      clickhouse,
      kafka,
      encoders: new Map([[RELEASES, encode]]),
      source: '/test',
      exclusive: 'test',
      log: silentLog,
    }).catch(() => undefined);
    if (outbox === undefined) return calls;
    const running = await startExperiments({
      ports: {
        kafka,
        clickhouse,
        outbox,
        decode: async (payload) => z.record(z.string(), z.unknown()).parse(JSON.parse(String(payload))),
        times: (topics) =>
          call(
            'read times',
            () => new Map(topics.map((topic) => [topic, { reachedMs, furthestMs: reachedMs }])),
          ),
        clock: {
          now: () => 0,
          sleep: (_, signal) => new Promise((wake) => signal?.addEventListener('abort', () => wake())),
        },
        log: silentLog,
      },
      models: new Map([[MODEL, { view: VIEW, test: { view: VIEW, ...TEST } }]]),
      releases: RELEASES,
      groupId: 'test',
      everyMs: 1,
    });
    const { signal } = new AbortController();
    const control = { signal, commit: () => undefined, beginAgain: () => undefined };
    let position =
      (await consumed?.onAssigned?.({
        topic: RELEASES,
        partition: 0,
        signal,
        beginAgain: () => undefined,
      })) ?? 0;
    for (let quiet = 0; quiet < 3 && !dead; ) {
      const messages = log.slice(position).map((one, at) => messageOf(one, position + at));
      const batch = {
        topic: RELEASES,
        partition: 0,
        messages,
        highWatermark: log.length,
        nextOffset: log.length,
      };
      await consumed?.onBatch(batch, control).catch(() => undefined);
      quiet = messages.length === 0 ? quiet + 1 : 0;
      position = log.length;
      await running.look();
    }
    await running.stop();
    return calls;
  }

  return {
    process,
    deaths,
    /** What is on the topic, what is in the table, and who answers by the newest state. */
    outcome() {
      const published = log.slice(2).map(({ value }) => toldBy(String(value)));
      const decided = table('experiment_decisions').map((row) => toldBy(String(row['change'])));
      const states = table('traffic_states').toSorted((a, b) => Number(a['_offset']) - Number(b['_offset']));
      const { aliases, versions, shares } = STATE.parse(states.at(-1));
      return {
        published,
        decided,
        aliases: aliases.map((alias, at) => ({ alias, version: versions[at], share: shares[at] })),
      };
    },
  };
}

/** Answers of the statements that the experiments and the outbox ask, over rows in memory. */
function select(
  table: (name: string) => Record<string, unknown>[],
  name: string,
  params: Record<string, unknown>,
): unknown[] {
  const marked = new Set(table('outbox_marks').map((row) => row['event_id']));
  const events = table('outbox');
  switch (name) {
    case 'outbox-sequence':
      return [{ sequence: Math.max(0, ...events.map((row) => Number(row['sequence']))) }];
    case 'outbox-known':
      return events.filter((row) => z.array(z.unknown()).parse(params['ids']).includes(row['event_id']));
    case 'outbox-pending':
      return events.filter((row) => !marked.has(row['event_id']));
    case 'outbox-last-marks': {
      const offsets = table('outbox_marks').map((row) => Number(row['offset']));
      return offsets.length === 0 ? [] : [{ partition: 0, last: Math.max(...offsets) }];
    }
    case 'experiment-decision':
      return table('experiment_decisions').filter(
        (row) => row['experiment'] === params['experiment'] && row['number'] === params['number'],
      );
    case 'experiment-answers':
      return ['a', 'b', 'c'].map((id) => ({ id, event_time: new Date(START + DAY).toISOString() }));
    case 'model-version':
      return [{ baseline_log_loss: 0.5, baseline_log_loss_sd: 0.4 }];
    case 'experiment-sums': {
      const each = (value: number): number[] => [0, 0, 0, value];
      const ripe = [10_000, 10_000, 10_000, 10_000];
      const answers = { answers: 10_000, champion_answers: 7_000, challenger_answers: 3_000 };
      return [
        {
          stage: 1,
          segment: '',
          ...answers,
          ripe,
          labels: each(10_000),
          weights: each(10_000),
          reach: each(2),
          total: each(1_000),
          squares: each(900),
          cubes: each(0),
          fourths: each(900),
        },
      ];
    }
    default:
      return assert.fail(`nobody answers ${name}`);
  }
}

interface Told {
  readonly id: string;
  readonly action: string;
  readonly version: string;
  readonly from: number | null;
}

/** Everything of a record that the row and the record must agree on. */
function toldBy(json: string): Told {
  const { release_id: id, action, version, holds_from: from } = RECORD.parse(JSON.parse(json));
  return { id, action, version, from };
}

function accepted(version: string): Record<string, unknown> {
  const about = { version, status: 'accepted', parent: version === 'v1' ? null : 'v1', created: START };
  return { release_id: eventId('test', version), model: MODEL, ...about, reasons: [], uri: '', sha256: '' };
}

function encode(value: Record<string, unknown>): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function messageOf({ topic, key, value, headers = {} }: Outgoing, offset: number): Message {
  return { topic, partition: 0, offset, key: Buffer.from(key), value, timestampMs: START, headers };
}

const VIEW = viewModel({
  training: machineContract(MODEL, 'training'),
  serving: machineContract(MODEL, 'serving'),
  labels: machineContract(MODEL, 'labels'),
  segments: [],
});
const TEST = {
  plan: { shadow: false, steps: [0.3], minimumMs: DAY, minimumLabels: 200, endAfter: 20_000 },
  tolerance: 0.05,
  labelDelayMs: 2 * DAY,
  disorderMs: 0,
};
const RECORD = z.object({
  release_id: z.string(),
  action: z.string(),
  version: z.string(),
  holds_from: z.number().nullable(),
});
const STATE = z.object({
  aliases: z.array(z.string()),
  versions: z.array(z.string()),
  shares: z.array(z.number()),
});
const missing = (): never => assert.fail('a call that nobody expected');
const NOT_NEEDED = {
  run: missing,
  bytes: missing,
  runEach: missing,
  insertAvro: missing,
  statement: missing,
  ping: missing,
  createTopics: missing,
  close: async () => undefined,
};
