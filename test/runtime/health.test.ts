import assert from 'node:assert/strict';
import { test } from 'node:test';
import { health, type PartitionHealth } from '../../src/runtime/health.ts';

const NOW = Date.UTC(2026, 0, 1);
const one = (change: Partial<PartitionHealth>): PartitionHealth => ({
  topic: 't',
  partition: 0,
  position: 10,
  highWatermark: 20,
  lastProgressAtMs: NOW,
  lastAttemptAtMs: NOW,
  ...change,
});
const check = (partitions: readonly PartitionHealth[], lastFetchAtMs: number | undefined = NOW) =>
  health({
    now: NOW,
    stalledAfterMs: 1_000,
    stuckAfterMs: 10_000,
    startedAtMs: NOW,
    lastFetchAtMs,
    partitions,
  });

test('behind but moving is ready, idle at the high watermark is ready, behind and standing is not', () => {
  assert.equal(check([one({})]).ready, true);
  assert.equal(check([one({ position: 20, lastProgressAtMs: 0 })]).ready, true);
  assert.equal(check([one({ lastProgressAtMs: NOW - 1_001 })]).ready, false);
});

test('a stalled partition is named with what it waits for, and since when from the first moment on', () => {
  const holding = { why: 'waiting for ClickHouse: no answer', sinceMs: NOW - 5_000 };
  const { problems, waiting, live } = check([one({ lastProgressAtMs: NOW - 5_000, holding })]);
  assert.deepEqual(problems, ['t/0 stands at offset 10 of 20 for 5 s: waiting for ClickHouse: no answer']);
  assert.deepEqual(waiting, ['t/0: waiting for ClickHouse: no answer (since 2025-12-31T23:59:55.000Z, 5 s)']);
  assert.equal(live, true);
  const soon = check([one({ holding: { ...holding, sinceMs: NOW } })]);
  assert.deepEqual([soon.ready, soon.waiting.length], [true, 1]);
});

test('who goes on trying is live however long it waits; who has work and tries nothing is not', () => {
  const away = { lastProgressAtMs: NOW - 600_000 };
  assert.equal(check([one({ ...away, lastAttemptAtMs: NOW - 9_000 })]).live, true);
  assert.equal(check([one({ ...away, lastAttemptAtMs: NOW - 10_001 })]).live, false);
  assert.equal(check([one({ ...away, lastAttemptAtMs: 0, position: 20 })]).live, true);
});

test('a broker that answers no fetch makes it not ready at first and not live in the end', () => {
  assert.deepEqual(pick(check([one({ position: 20 })], NOW - 2_000)), [false, true]);
  assert.deepEqual(pick(check([], NOW - 10_001)), [false, false]);
  const never = { stalledAfterMs: 1_000, stuckAfterMs: 10_000, lastFetchAtMs: undefined, partitions: [] };
  assert.deepEqual(pick(health({ ...never, now: NOW, startedAtMs: NOW - 100 })), [false, true]);
  assert.deepEqual(pick(health({ ...never, now: NOW, startedAtMs: 0 })), [false, false]);
});

function pick({ ready, live }: { ready: boolean; live: boolean }) {
  return [ready, live];
}
