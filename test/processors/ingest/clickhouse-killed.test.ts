import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { exampleOf, framed, openRig } from '../../fixtures/ingest-rig.ts';
import { ownStack } from '../../fixtures/own-stack.ts';
import { until } from '../../fixtures/until.ts';

test('kill -9 of ClickHouse in the middle of inserts, twice: ingest waits, goes on by itself, and nothing is lost or doubled', async (t) => {
  const stack = await ownStack(t);
  const rig = await openRig(t, { addresses: stack, partitions: 2 });
  const n = 9_000;
  const messages = Array.from({ length: n }, (_, i) => {
    const good = framed(rig.schemaId, rig.type.toBuffer(exampleOf(i)));
    return { key: `e${i}`, value: i % 200 === 7 ? good.subarray(1) : good, partition: i % 2 };
  });
  await rig.send(messages.slice(0, n / 3));
  let inserting = false;
  const ingest = await rig.start({
    limits: { flush: { rows: 400, bytes: 1 << 20, lingerMs: 10 } },
    onStep(step) {
      if (step === 'classified') inserting = true;
    },
  });
  for (let round = 1; round < 3; round += 1) {
    inserting = false;
    await rig.send(messages.slice((n / 3) * round, (n / 3) * (round + 1)));
    await until('an insert is on its way', () => inserting);
    await pause(15 * round);
    process.kill(stack.pids.clickhouse, 'SIGKILL');
    await until('a partition says what it waits for', () =>
      ingest.progress().partitions.some(({ holding }) => holding !== undefined),
    );
    await stack.restartClickHouse();
  }
  await ingest.settled();
  await ingest.stop();
  assert.deepEqual(await rig.totals(), {
    consumed: n,
    stored: n - n / 200,
    dead_letters: n / 200,
    tombstones: 0,
    unexplained: 0,
  });
});
