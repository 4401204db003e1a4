import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outgoing, Producer, Sent } from '../../../src/io/kafka/port.ts';
import type { Scorer } from '../../../src/io/onnx-runtime/scorer.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { createLoadedVersions } from '../../../src/server/model-server/loaded-versions.ts';
import { createMetrics } from '../../../src/server/model-server/metrics.ts';
import { openPredictionLog } from '../../../src/server/model-server/prediction-log.ts';

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
    info: { sha256: '', producer: 'test', bytes: 0, output: 'probability' },
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
  return { producer, open: () => gate.resolve(), keys: () => taken.map((message) => message.key) };
}
