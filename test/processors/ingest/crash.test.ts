import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { STEPS } from '../../../processors/ingest/ports.ts';
import { count } from '../../../src/io/clickhouse/columns.ts';
import { exampleOf, framed, openRig, type Rig } from '../../fixtures/ingest-rig.ts';
import { runIngestChild } from '../../fixtures/run-ingest-child.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';
import { until } from '../../fixtures/until.ts';

// Each process has a group of its own here: a group waits for the session of a member that was killed, and
// what counts, the ledger, does not care. The zombie below shares its group with its heir.
test('kill -9 at every step of a batch, one after the other: every message is stored, set aside or counted once', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 2 });
  await produce(rig, 4_000);
  for (const stopAt of STEPS) {
    const child = runIngestChild(t, rig, { stopAt, nth: 3, groupId: uniqueName('group') });
    await child.heard((line) => line['waiting'] === stopAt);
    await child.kill();
  }
  const last = runIngestChild(t, rig, { groupId: uniqueName('group') });
  await last.heard((line) => line['settled'] === true);
  await checkAll(rig, 4_000);
});

test('kill -9 while an insert is on its way, many times over: rows exactly once, nothing unexplained', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 2 });
  await produce(rig, 12_000);
  for (let round = 0; round < 5; round += 1) {
    const child = runIngestChild(t, rig, { rows: 500, groupId: uniqueName('group') });
    await child.heard((line) => line['step'] === 'classified');
    // Between 0 and 60 ms after the plan the insert is being sent, written, answered or followed by the next.
    await pause(round * 15);
    await child.kill();
  }
  const last = runIngestChild(t, rig, { rows: 5_000, groupId: uniqueName('group') });
  await last.heard((line) => line['settled'] === true);
  await checkAll(rig, 12_000);
});

test('a processor that sleeps through its session and wakes changes nothing', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 2 });
  await produce(rig, 3_000);
  const zombie = runIngestChild(t, rig, { stopAt: 'inserted', nth: 4 });
  await zombie.heard((line) => line['waiting'] === 'inserted');
  zombie.signal('SIGSTOP');
  const heir = runIngestChild(t, rig);
  await heir.heard((line) => line['settled'] === true);
  await checkAll(rig, 3_000);
  const before = await picture(rig);
  const newest = Math.max(...(await newestEpochs(rig)).map((row) => row.epoch));

  zombie.signal('SIGCONT');
  zombie.go();
  await zombie.heard((line) => line['resumed'] === 'inserted');
  // It goes on from between its insert and its ledger row, learns that it is not the owner, and joins again.
  await until('the zombie has taken a partition anew', async () => {
    const epochs = await newestEpochs(rig);
    return epochs.some(({ owner, epoch }) => owner.startsWith(`${zombie.owner}#`) && epoch > newest);
  });
  assert.deepEqual(await picture(rig), before);
  await produce(rig, 500, 3_000);
  await until('the new messages are accounted for', async () => (await rig.totals()).consumed === 3_500);
  await checkAll(rig, 3_500);
});

test('a ledger row of an older epoch is never the newest, however late it is written', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  await produce(rig, 300);
  const ingest = await rig.start();
  await ingest.settled();
  await ingest.stop();
  const [before] = await rig.accounting();
  const [row] = await newestEpochs(rig);
  const again = await rig.start();
  await again.settled();
  await rig.clickhouse.insert('ledger', [
    {
      topic: rig.topic,
      partition: 0,
      version: (row?.epoch ?? 0) * 2 ** 32 + 1_000_000,
      epoch: row?.epoch ?? 0,
      owner: 'a zombie',
      floor: 7,
      consumed: 7,
    },
  ]);
  assert.deepEqual((await rig.accounting())[0], before);
});

test('the checker is checked: a row taken away, and a message counted twice, are seen', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  await produce(rig, 300);
  const ingest = await rig.start();
  await ingest.settled();
  await ingest.stop();
  await checkAll(rig, 300);
  await rig.clickhouse.statement(
    `ALTER TABLE ${rig.table} DELETE WHERE _offset = 12 SETTINGS mutations_sync = 2`,
  );
  await assert.rejects(checkAll(rig, 300));
  assert.equal((await rig.totals()).unexplained, 1);
});

/** One in a hundred a tombstone, one in fifty too short, the others good; keys spread over the partitions. */
async function produce(rig: Rig, n: number, from = 0): Promise<void> {
  await rig.send(
    Array.from({ length: n }, (_, k) => {
      const i = from + k;
      const good = framed(rig.schemaId, rig.type.toBuffer(exampleOf(i)));
      const value = i % 100 === 0 ? null : i % 50 === 25 ? good.subarray(0, -1) : good;
      return { key: `e${i}`, value };
    }),
  );
}

async function checkAll(rig: Rig, n: number): Promise<void> {
  const tombstones = Math.ceil(n / 100);
  const letters = Math.floor((n + 24) / 50);
  const stored = n - tombstones - letters;
  assert.deepEqual(await rig.totals(), {
    consumed: n,
    stored,
    dead_letters: letters,
    tombstones,
    unexplained: 0,
  });
  const [rows] = await rig.clickhouse.rows('stored-example-sums', { table: rig.table }, SUMS);
  assert.deepEqual(rows, { rows: stored, ids: stored });
}

/** All that must not change: rows, dead letters and floors, byte for byte. */
async function picture(rig: Rig): Promise<unknown> {
  return [
    await rig.clickhouse.rows('stored-fingerprint', { table: rig.table }, FINGERPRINT),
    await rig.letters(),
    await rig.accounting(),
    await lettersOnTopic(rig),
  ];
}

/**
 * The records about this rig on the topic dead-letters, by ce_id. A send that was under way when its process
 * fell asleep reaches the broker when it wakes: then there are two records with one id.
 */
async function lettersOnTopic(rig: Rig): Promise<string[]> {
  const ids = new Map<string, string>();
  const follower = await rig.kafka.follow({
    topic: 'dead-letters',
    async onMessage({ key, headers }) {
      const place = key?.toString() ?? '';
      if (place.startsWith(`${rig.topic}-`)) ids.set(headers['ce_id'] ?? '', place);
    },
  });
  await follower.caughtUp;
  await follower.close();
  return [...ids].map(([id, place]) => `${id} ${place}`).sort();
}

async function newestEpochs(rig: Rig) {
  return rig.clickhouse.rows('ledger-owners', { topic: rig.topic }, OWNER);
}

const SUMS = z.object({ rows: count, ids: count });
const FINGERPRINT = z.object({ rows: count, hash: z.coerce.string() });
const OWNER = z.object({ partition: count, epoch: count, owner: z.string() });
