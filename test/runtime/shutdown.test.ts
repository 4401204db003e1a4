import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openShutdown } from '../../src/runtime/shutdown.ts';

/** Sleeping takes no time: whoever is still waiting is late. */
const clock: Clock = { now: () => 0, sleep: () => new Promise((resolve) => setImmediate(resolve)) };

test('things close newest first, each after the one before has closed', async () => {
  const order: string[] = [];
  const shutdown = openShutdown({ deadlineMs: 100, clock, log: silentLog });
  for (const name of ['stack', 'kafka', 'ingest']) {
    shutdown.onClose(name, async () => {
      order.push(name);
    });
  }
  assert.deepEqual(await shutdown.close(), { clean: true, late: [], failed: [] });
  assert.deepEqual(order, ['ingest', 'kafka', 'stack']);
});

test('what hangs is left behind, what throws is noted, and the others still close', async () => {
  const order: string[] = [];
  const shutdown = openShutdown({ deadlineMs: 100, clock, log: silentLog });
  shutdown.onClose('stack', async () => {
    order.push('stack');
  });
  shutdown.onClose('hanging', () => new Promise(() => undefined));
  shutdown.onClose('broken', () => Promise.reject(new Error('no')));
  assert.deepEqual(await shutdown.close(), { clean: false, late: ['hanging'], failed: ['broken'] });
  assert.deepEqual(order, ['stack']);
});

test('closing twice closes once and gives the same answer', async () => {
  let times = 0;
  const shutdown = openShutdown({ deadlineMs: 100, clock, log: silentLog });
  shutdown.onClose('one', async () => {
    times += 1;
  });
  assert.equal(await shutdown.close(), await shutdown.close());
  assert.equal(times, 1);
});
