import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outgoing, Producer, Sent } from '../../../src/io/kafka/port.ts';
import type { Scorer } from '../../../src/io/onnx-runtime/scorer.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { createLoadedVersions } from '../../../src/server/model-server/loaded-versions.ts';
import { createMetrics } from '../../../src/server/model-server/metrics.ts';
import { openPredictionLog } from '../../../src/server/model-server/prediction-log.ts';
import { openShadowScoring } from '../../../src/server/model-server/shadow-scoring.ts';

test('the largest version serves, in whatever order versions come', () => {
  const versions = createLoadedVersions({ keep: 2, onError: fail });
  for (const number of [2, 10, 9]) versions.add(`v${number}`, number, scorer([], `v${number}`));
  assert.equal(versions.current(), 'v10');
  assert.deepEqual(versions.list(), ['v10', 'v9']);
  assert.equal(versions.lease('v2'), undefined);
});

test('a version that is swapped out is closed only when its last request is answered', async () => {
  const closed: string[] = [];
  const versions = createLoadedVersions({ keep: 1, onError: fail });
  versions.add('v1', 1, scorer(closed, 'v1'));
  const one = versions.lease();
  const other = versions.lease('v1');
  versions.add('v2', 2, scorer(closed, 'v2'));
  assert.deepEqual(closed, []);
  one?.release();
  one?.release();
  assert.deepEqual(closed, [], 'releasing twice does not count twice');
  other?.release();
  assert.deepEqual(closed, ['v1']);
  await versions.close();
  assert.deepEqual(closed, ['v1', 'v2']);
  assert.equal(versions.lease(), undefined);
});

test('a full queue drops and counts, and never waits', async () => {
  const broker = slowBroker();
  const metrics = createMetrics();
  const log = openPredictionLog({ producer: broker.producer, metrics, log: silentLog, limit: 5 });
  log.offer('machines', records(1, 3));
  log.offer('machines', records(4, 8));
  assert.match(metrics.text(), /^driftwatch_prediction_log_dropped_total\{model="machines"\} 3$/m);
  assert.match(metrics.text(), /^driftwatch_prediction_log_queued 5$/m);
  broker.open();
  await log.close(5_000);
  assert.deepEqual(broker.keys(), ['1', '2', '3', '4', '5']);
  assert.match(metrics.text(), /^driftwatch_prediction_log_records_total\{model="machines"\} 5$/m);
});

test('a batch that the broker did not take is sent again', async () => {
  const broker = slowBroker(1);
  broker.open();
  const log = openPredictionLog({ producer: broker.producer, metrics: createMetrics(), log: silentLog });
  log.offer('machines', records(1, 2));
  await log.close(10_000);
  assert.deepEqual(broker.keys(), ['1', '2']);
});

test('what cannot be sent in time at the end is dropped and counted', async () => {
  const broker = slowBroker();
  const metrics = createMetrics();
  const log = openPredictionLog({ producer: broker.producer, metrics, log: silentLog });
  log.offer('machines', records(1, 4));
  await log.close(10);
  assert.match(metrics.text(), /^driftwatch_prediction_log_dropped_total\{model="machines"\} 4$/m);
  broker.open();
});

test('a version that is held stays loaded and answers, and the first choice that is loaded wins', () => {
  const closed: string[] = [];
  const versions = createLoadedVersions({ keep: 1, onError: fail });
  versions.add('v1', 1, scorer(closed, 'v1'));
  versions.hold(['v1'], ['v2']);
  for (const number of [2, 3]) versions.add(`v${number}`, number, scorer(closed, `v${number}`));
  assert.equal(versions.current(), 'v1');
  assert.deepEqual(versions.list(), ['v3', 'v2', 'v1']);
  versions.hold(['v9', 'v3'], []);
  assert.equal(versions.current(), 'v3');
  assert.deepEqual(closed.toSorted(), ['v1', 'v2']);
});

test('a shadow that is behind drops and counts, and what it scored is logged with its name', async () => {
  const broker = slowBroker();
  const metrics = createMetrics();
  const versions = createLoadedVersions({ keep: 3, onError: fail });
  versions.add('v1', 1, {
    ...scorer([], 'v1'),
    score: async ({ rows }) => new Float32Array(rows).fill(0.25),
  });
  const shadow = openShadows(broker, metrics, { limit: 3 });
  const offer = (shadows: readonly string[], ...ids: readonly string[]): void =>
    shadow.offer({
      model: 'machines',
      versions,
      shadows,
      records: ids.map((id) => ({ id })),
      about: (record) => ({ id: String(record['id']), eventTimeMs: 7 }),
    });
  offer(['v1'], 'a', 'b');
  offer(['v1'], 'c', 'd');
  offer(['v9'], 'e');
  assert.match(metrics.text(), /^driftwatch_shadow_dropped_total\{model="machines"\} 2$/m);
  broker.open();
  await shadow.close(5_000);
  assert.deepEqual(broker.keys(), ['a', 'b']);
  assert.deepEqual(JSON.parse(broker.values()[0] ?? ''), {
    model: 'machines',
    version: 'v1',
    example_id: 'a',
    event_time: 7,
    prediction: 0.25,
    classes: [],
    probabilities: [],
  });
  assert.match(metrics.text(), /^driftwatch_shadow_predictions_total\{model="machines",version="v1"\} 2$/m);
  assert.match(
    metrics.text(),
    /^driftwatch_shadow_dropped_total\{model="machines"\} 3$/m,
    'a version that is gone scores nothing',
  );
  offer(['v1'], 'f');
  assert.match(metrics.text(), /^driftwatch_shadow_dropped_total\{model="machines"\} 4$/m);
});

test('a shadow of a model of classes is logged with the probability of each, and one without names is dropped', async () => {
  const broker = slowBroker();
  broker.open();
  const metrics = createMetrics();
  const versions = createLoadedVersions({ keep: 3, onError: fail });
  const of = scorer([], 'v1');
  const info = { ...of.info, output: 'probabilities', width: 3 } as const;
  const score = async () => Float32Array.of(0.25, 0.25, 0.5);
  versions.add('v1', 1, { ...of, info: { ...info, classes: ['low', 'mid', 'high'] }, score });
  versions.add('v2', 2, { ...of, info, score });
  const shadow = openShadows(broker, metrics);
  const about = () => ({ id: 'a', eventTimeMs: 7 });
  shadow.offer({ model: 'machines', versions, shadows: ['v1', 'v2'], records: [{ id: 'a' }], about });
  await shadow.close(5_000);
  assert.deepEqual(
    broker.values().map((value) => JSON.parse(value)),
    [
      {
        model: 'machines',
        version: 'v1',
        example_id: 'a',
        event_time: 7,
        prediction: 0.5,
        classes: ['low', 'mid', 'high'],
        probabilities: [0.25, 0.25, 0.5],
      },
    ],
  );
  assert.match(metrics.text(), /^driftwatch_shadow_dropped_total\{model="machines"\} 1$/m);
});

test('label values are escaped as Prometheus wants it', () => {
  const metrics = createMetrics();
  metrics.count('driftwatch_model_releases_total', { model: 'a"b\\c\nd', outcome: 'loaded' }, 2);
  assert.match(
    metrics.text(),
    /^driftwatch_model_releases_total\{model="a\\"b\\\\c\\nd",outcome="loaded"\} 2$/m,
  );
});

function fail(error: unknown): void {
  assert.fail(String(error));
}

function scorer(closed: string[], name: string): Scorer {
  return {
    info: { sha256: '', producer: 'test', bytes: 0, output: 'probability', width: 1 },
    inputs: [],
    score: async () => new Float32Array(0),
    close: async () => void closed.push(name),
  };
}

function records(from: number, to: number): Outgoing[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    topic: 'serving.machines',
    key: String(from + index),
    value: null,
  }));
}

/** A broker that answers nothing before `open`, and refuses the first `failures` sends. */
function slowBroker(failures = 0) {
  const gate = Promise.withResolvers<void>();
  const taken: Outgoing[] = [];
  let left = failures;
  const producer: Producer = {
    async send(messages): Promise<readonly Sent[]> {
      await gate.promise;
      if (left > 0) {
        left -= 1;
        throw new Error('away');
      }
      taken.push(...messages);
      return [];
    },
    close: async () => undefined,
  };
  return {
    producer,
    open: () => gate.resolve(),
    keys: () => taken.map((message) => message.key),
    values: () => taken.map(({ value }) => String(value)),
  };
}

function openShadows(
  broker: ReturnType<typeof slowBroker>,
  metrics: ReturnType<typeof createMetrics>,
  limit: { limit?: number } = {},
) {
  return openShadowScoring({
    producer: async () => broker.producer,
    topic: 'shadows',
    encode: (value) => Buffer.from(JSON.stringify(value)),
    metrics,
    log: silentLog,
    ...limit,
  });
}
