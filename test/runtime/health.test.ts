import assert from 'node:assert/strict';
import { test } from 'node:test';
import { health, type PartitionHealth } from '../../src/runtime/health.ts';

const NOW = 1_000_000;
const one = (change: Partial<PartitionHealth>): PartitionHealth => ({
  topic: 't',
  partition: 0,
  position: 10,
  highWatermark: 20,
  lastProgressAtMs: NOW,
  ...change,
});
const check = (partitions: readonly PartitionHealth[], lastFetchAtMs: number | undefined = NOW) =>
  health({ now: NOW, stalledAfterMs: 1_000, lastFetchAtMs, partitions });

test('behind but moving is live, idle at the high watermark is live, behind and standing is not', () => {
  assert.equal(check([one({})]).live, true);
  assert.equal(check([one({ position: 20, lastProgressAtMs: 0 })]).live, true);
  assert.equal(check([one({ lastProgressAtMs: NOW - 1_001 })]).live, false);
});

test('a stalled partition is named with what it waits for', () => {
  const { problems } = check([one({ lastProgressAtMs: NOW - 5_000, holding: 'ClickHouse did not answer.' })]);
  assert.deepEqual(problems, ['t/0 stands at offset 10 of 20 for 5 s: ClickHouse did not answer.']);
});

test('a broker that answers no fetch makes it not live, although nothing is left to read', () => {
  assert.equal(check([one({ position: 20 })], NOW - 2_000).live, false);
  assert.equal(health({ now: NOW, stalledAfterMs: 1, lastFetchAtMs: undefined, partitions: [] }).live, false);
});
