import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { startHttpProxy, type Weather } from '../../../deploy/chaos/http-proxy.ts';
import { openClickHouse } from '../../../src/io/clickhouse/client.ts';
import { count } from '../../../src/io/clickhouse/columns.ts';
import { openRegistry } from '../../../src/io/registry/registry.ts';
import { exampleOf, framed, openRig, type Rig, typeOf } from '../../fixtures/ingest-rig.ts';
import { stack } from '../../fixtures/stack.ts';
import { until } from '../../fixtures/until.ts';

test('while the registry is away known schemas go on, unknown ids wait with the reason and the time, and it recovers by itself', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 3 });
  const proxy = await startHttpProxy({ target: stack().registryUrl });
  t.after(() => proxy.close());
  const registry = openRegistry({ url: proxy.url, timeoutMs: 300, pauseMs: 50, unknownForMs: 100 });
  await rig.send(known(rig, 0, 30, (i) => i % 3));
  const limits = { ...LIMITS, maxBytesPerPartition: 50_000 };
  const ingest = await rig.start({ registry, limits });
  await ingest.settled();

  const wider = {
    type: 'record',
    name: 'Example',
    namespace: 'test',
    fields: [...fields(rig), EXTRA],
  } as const;
  const widerId = await rig.registry.register({ subject: rig.contract.subject, definition: wider });
  proxy.set('stall');
  const newer = framed(widerId, typeOf(wider).toBuffer({ ...exampleOf(1), extra: null }));
  const nobodys = framed(999_999_999, rig.type.toBuffer(exampleOf(1)));
  await rig.send([
    ...known(rig, 30, 530, () => 0),
    ...known(rig, 530, 630, () => 1),
    { key: 'new', value: newer, partition: 1 },
    ...known(rig, 630, 4_630, () => 1),
    { key: 'nobody', value: nobodys, partition: 2 },
  ]);
  const at = (partition: number) => ingest.progress().partitions.find((one) => one.partition === partition);
  await until('the partition with known schemas is at its end, the others stand where they must', () =>
    [510, 110, 10].every((floor, partition) => at(partition)?.floor === floor),
  );
  const waits = (partition: number) => at(partition)?.holding?.why.startsWith('waiting for registry: ');
  await until('both say what they wait for', () => waits(1) === true && waits(2) === true);
  const since = at(1)?.holding?.sinceMs;
  for (const weather of ['refuse', 'stall'] as const satisfies readonly Weather[]) {
    const before = proxy.requests();
    proxy.set(weather);
    await until(`it asks again and again: ${weather}`, () => proxy.requests() >= before + 2);
    assert.deepEqual(
      [510, 110, 10],
      [0, 1, 2].map((partition) => at(partition)?.floor),
    );
    assert.equal(at(1)?.holding?.sinceMs, since);
    // A megabyte waits in the topic; held are at most the buffer and what one fetch unpacks to.
    const held = at(1)?.bufferedBytes ?? 0;
    assert.ok(held > 0 && held <= 3 * limits.maxBytesPerPartition, String(held));
  }
  const { live, ready, waiting } = ingest.progress();
  assert.deepEqual([live, ready], [true, false]);
  assert.match(waiting.join(), /waiting for registry: .* \(since 20\d\d-/);
  assert.deepEqual(await rig.letters(), []);

  proxy.set('pass');
  await ingest.settled();
  assert.deepEqual(
    (await rig.letters()).map(({ partition, offset, reason }) => [partition, offset, reason]),
    [[2, 10, 'unknown-schema']],
  );
  assert.deepEqual(await rig.totals(), {
    consumed: 4_632,
    stored: 4_631,
    dead_letters: 1,
    tombstones: 0,
    unexplained: 0,
  });
  await until('all is well again', () => {
    const now = ingest.progress();
    return now.ready && now.waiting.length === 0;
  });
});

test('ClickHouse silent, gone, answering too late or without disk space: nothing is lost or doubled, and health tells', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 2 });
  const proxy = await startHttpProxy({ target: stack().clickhouse.url });
  t.after(() => proxy.close());
  const clickhouse = openClickHouse({
    ...stack().clickhouse,
    url: proxy.url,
    database: rig.database,
    timeoutMs: 400,
  });
  t.after(() => clickhouse.close());
  const ingest = await rig.start({ clickhouse, limits: { ...LIMITS, maxBytesPerPartition: 50_000 } });
  let sent = 0;
  for (const weather of ['mute', 'stall', 'refuse', 'full'] as const satisfies readonly Weather[]) {
    proxy.set(weather);
    await rig.send(known(rig, sent, sent + 1_500, (i) => i % 2));
    sent += 1_500;
    await until(`health tells of ${weather}`, () => {
      const { live, ready, problems } = ingest.progress();
      return live && !ready && problems.some((problem) => REASONS[weather].test(problem));
    });
    const held = ingest.progress().partitions.find(({ holding }) => holding !== undefined);
    const before = proxy.requests();
    await until('it goes on trying', () => proxy.requests() >= before + 3);
    const now = ingest.progress().partitions.find((one) => one.partition === held?.partition);
    assert.equal(now?.holding?.sinceMs, held?.holding?.sinceMs, 'since when is kept through the attempts');
    for (const one of ingest.progress().partitions) assert.ok(one.bufferedBytes <= 150_000);
    proxy.set('pass');
    await ingest.settled();
    await until('it is ready again', () => ingest.progress().ready);
  }
  assert.deepEqual(await rig.totals(), {
    consumed: sent,
    stored: sent,
    dead_letters: 0,
    tombstones: 0,
    unexplained: 0,
  });
  const [copies] = await rig.clickhouse.rows('stored-copies', { table: rig.table }, COPIES);
  assert.deepEqual(copies, { rows: sent, offsets: sent });
});

const LIMITS = {
  flush: { rows: 200, bytes: 1 << 20, lingerMs: 10 },
  stalledAfterMs: 300,
  killWaitMs: 2_000,
};
const REASONS = {
  mute: /waiting for ClickHouse: .*did not answer/,
  stall: /waiting for ClickHouse: .*did not answer/,
  refuse: /waiting for ClickHouse: .*did not answer/,
  full: /waiting for ClickHouse: .*not enough space/,
};
const EXTRA = { name: 'extra', type: ['null', 'string'], default: null, role: 'ignore' } as const;
const COPIES = z.object({ rows: count, offsets: count });

function fields(rig: Rig) {
  return rig.contract.fields.flatMap((field) => field.registered ?? []);
}

function known(rig: Rig, from: number, to: number, partition: (i: number) => number) {
  return Array.from({ length: to - from }, (_, k) => {
    const i = from + k;
    const value = framed(rig.schemaId, rig.type.toBuffer(exampleOf(i)));
    return { key: `e${i}`, partition: partition(i), value };
  });
}
