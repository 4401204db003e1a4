import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { patchIdleTimer } from '../../../src/io/kafka/timer-patch.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';

test('an idle connection arms a timer of 1 ms without end, and none once patched', async () => {
  // First without the patch: it shows that the counter counts.
  assert.ok((await shortTimersWhileIdle()) > 50);
  patchIdleTimer();
  patchIdleTimer();
  assert.ok((await shortTimersWhileIdle()) < 5);
});

/** Timers of at most 1 ms armed in a stretch in which a connected producer has nothing to do. */
async function shortTimersWhileIdle(): Promise<number> {
  const client = new kafkajs.Kafka({
    brokers: [...stack().brokers],
    clientId: uniqueName('idle'),
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const producer = client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const original = globalThis.setTimeout;
  let short = 0;
  const counting = (work: () => void, ms = 0) => {
    if (!(ms > 1)) short += 1;
    return original(work, ms);
  };
  globalThis.setTimeout = Object.assign(counting, original);
  try {
    await pause(1_000);
  } finally {
    globalThis.setTimeout = original;
  }
  await producer.disconnect();
  return short;
}
