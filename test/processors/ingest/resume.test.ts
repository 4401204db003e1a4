import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { z } from 'zod';
import type { StoredEvent } from '../../../processors/ingest/ports.ts';
import { tagPrefix } from '../../../processors/ingest/resume.ts';
import { count } from '../../../src/io/clickhouse/columns.ts';
import { exampleOf, framed, openRig, type Rig, START_MS } from '../../fixtures/ingest-rig.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';
import { until } from '../../fixtures/until.ts';

test('taking a partition over kills the inserts that its last owner left running', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  await produce(rig, 0, 100);
  const client = createClient({
    ...{ url: stack().clickhouse.url, username: stack().clickhouse.username },
    password: stack().clickhouse.password,
    database: rig.database,
    log: { level: ClickHouseLogLevel.OFF },
  });
  t.after(() => client.close());
  const left = client
    .command({
      query: `INSERT INTO tombstones (topic, partition, offset) SELECT '${rig.topic}', sleepEachRow(0.5), 7 FROM numbers(100)`,
      query_id: `${tagPrefix(rig.topic, 0)}1-7-7`,
      clickhouse_settings: { max_block_size: '4', function_sleep_max_microseconds_per_block: '60000000' },
    })
    .then(
      () => 'ended by itself',
      () => 'killed',
    );
  await until('the insert runs', async () => {
    const [row] = await rig.clickhouse.rows('inserts-running', { prefix: tagPrefix(rig.topic, 0) }, RUNNING);
    return row?.running === 1;
  });
  const ingest = await rig.start();
  await ingest.settled();
  assert.equal(await left, 'killed');
  assert.deepEqual(await rig.totals(), counts(100));
});

test('after a restart the watermark stands where it stood, and a partition that is behind does not look idle', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  await produce(rig, 0, 100);
  const first = await rig.start();
  await first.settled();
  const [before] = first.watermarks().get(rig.topic) ?? [];
  assert.equal(before?.maxEventTimeMs, START_MS + 99 * 60_000);
  assert.deepEqual([before?.position, before?.highWatermark], [100, 100]);
  await first.stop();

  await produce(rig, 100, 50);
  const gate = Promise.withResolvers<void>();
  const second = await rig.start({
    groupId: uniqueName('group'),
    onStep: (step) => (step === 'fetched' ? gate.promise : undefined),
  });
  await until('the partition is taken over', () => second.progress().partitions[0]?.epoch === 2);
  const [after] = second.watermarks().get(rig.topic) ?? [];
  assert.equal(after?.maxEventTimeMs, before?.maxEventTimeMs);
  assert.deepEqual([after?.position, after?.highWatermark], [100, 150]);
  gate.resolve();
  await second.settled();
  assert.equal(second.watermarks().get(rig.topic)?.[0]?.maxEventTimeMs, START_MS + 149 * 60_000);
});

test('two processes share the partitions of a group, one dies of a stop, and each knows when all is accounted for', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 4 });
  const told = new Map<string, number>();
  const onStored = ({ partition, rows }: StoredEvent) => {
    told.set(String(partition), (told.get(String(partition)) ?? 0) + rows);
  };
  const one = await rig.start({ owner: uniqueName('one'), onStored });
  const two = await rig.start({ owner: uniqueName('two'), onStored });
  await produce(rig, 0, 2_000);
  await until('each has partitions', () =>
    [one, two].every((ingest) => ingest.progress().partitions.length === 2),
  );
  await Promise.all([one.settled(), two.settled()]);
  await one.stop();
  await produce(rig, 2_000, 1_000);
  await two.settled();
  assert.equal(two.progress().partitions.length, 4);
  assert.deepEqual(await rig.totals(), counts(3_000));
});

test('what is told adds up to what is stored, with the hours of event time and the end of the log', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  await produce(rig, 0, 150);
  const events: StoredEvent[] = [];
  const ingest = await rig.start({ onStored: (event) => void events.push(event) });
  await ingest.settled();
  await until('the last is told', () => events.at(-1)?.maxOffset === 149);
  const last = events.at(-1);
  assert.equal(
    events.reduce((sum, event) => sum + event.rows, 0),
    150,
  );
  assert.equal(last?.caughtUp, true);
  assert.deepEqual([last?.model, last?.stream, last?.topic], [rig.model, 'training', rig.topic]);
  assert.deepEqual(
    [...new Set(events.flatMap((event) => event.eventTimes))].sort(),
    [0, 1, 2].map((hour) => START_MS + hour * 3_600_000),
  );
});

const RUNNING = z.object({ running: count });

function counts(stored: number) {
  return { consumed: stored, stored, dead_letters: 0, tombstones: 0, unexplained: 0 };
}

async function produce(rig: Rig, from: number, n: number): Promise<void> {
  await rig.send(
    Array.from({ length: n }, (_, k) => ({
      key: `e${from + k}`,
      value: framed(rig.schemaId, rig.type.toBuffer(exampleOf(from + k))),
    })),
  );
}
