import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advanceLease, confirmLease, takeLease, versionOf } from '../../../processors/ingest/lease.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import { ownDatabase } from '../../fixtures/own-database.ts';

test('the first lease begins at the low watermark, the next one where the last owner left it', async (t) => {
  const { take, clickhouse } = await ownLedger(t);
  const first = await take('a', 40);
  assert.deepEqual([first.epoch, first.floor, first.consumed], [1, 40, 0]);
  await advanceLease(clickhouse, first, { floor: 100, consumed: 60, maxEventTimeMs: 5_000 });
  const second = await take('b', 40);
  assert.deepEqual([second.epoch, second.floor, second.consumed, second.maxEventTimeMs], [2, 100, 60, 5_000]);
});

test('an owner that was succeeded cannot move the floor, and a write of its past the check does not count', async (t) => {
  const { take, clickhouse } = await ownLedger(t);
  const old = await take('a');
  const heir = await take('b');
  const to = { floor: 999, consumed: 999, maxEventTimeMs: undefined };
  await assert.rejects(advanceLease(clickhouse, old, to), isLost);
  // A zombie that had checked before it fell asleep writes after all: the row is there and is not read.
  await clickhouse.insert('ledger', [
    {
      topic: 't',
      partition: 0,
      version: versionOf({ ...old, writes: 7 }),
      epoch: old.epoch,
      owner: 'a',
      ...{ floor: 999 },
    },
  ]);
  await confirmLease(clickhouse, heir);
  assert.equal((await take('c')).floor, 0);
});

test('of owners that take the partition at the same moment, at most one goes on', async (t) => {
  const { take, clickhouse } = await ownLedger(t);
  for (let round = 0; round < 10; round += 1) {
    const owners = ['a', 'b', 'c'].map((name) => `${name}${round}`);
    const leases = (await Promise.allSettled(owners.map((owner) => take(owner)))).flatMap((one) =>
      one.status === 'fulfilled' ? [one.value] : [],
    );
    const still = await Promise.allSettled(leases.map((lease) => confirmLease(clickhouse, lease)));
    assert.ok(still.filter(({ status }) => status === 'fulfilled').length <= 1);
  }
});

test('a version of an older epoch is smaller, and owners of one epoch never have the same', () => {
  const version = (epoch: number, owner: string, writes: number) =>
    BigInt(versionOf({ epoch, owner, writes }));
  assert.ok(version(3, 'z', 2 ** 24 - 1) < version(4, 'a', 0));
  assert.ok(version(2 ** 24 - 1, 'a', 2 ** 24 - 1) < 2n ** 64n);
  const owners = Array.from({ length: 50 }, (_, i) => `host-${i}-2024`);
  for (const a of owners) {
    for (const b of owners) if (a !== b) assert.notEqual(version(7, a, 3), version(7, b, 3));
    assert.ok(version(7, a, 3) < version(7, a, 4));
  }
});

function isLost(error: unknown): boolean {
  return error instanceof DriftwatchError && error.code === 'LEASE_LOST';
}

async function ownLedger(t: { after(clean: () => Promise<void>): void }) {
  const clickhouse = await ownDatabase(t, 'ledger');
  const take = (owner: string, low = 0) => takeLease({ clickhouse, topic: 't', partition: 0, owner, low });
  return { clickhouse, take };
}
