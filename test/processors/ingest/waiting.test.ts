import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { StoredEvent } from '../../../processors/ingest/ports.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import type { ClickHouse } from '../../../src/io/clickhouse/client.ts';
import { count } from '../../../src/io/clickhouse/columns.ts';
import type { Registry } from '../../../src/io/registry/registry.ts';
import { exampleOf, framed, openRig, type Rig } from '../../fixtures/ingest-rig.ts';
import { stack } from '../../fixtures/stack.ts';
import { until } from '../../fixtures/until.ts';

test('a partition that is stuck does not hold up the others, and its memory does not grow', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 3 });
  const n = 30_000;
  await produce(rig, n, 3);
  const gate = Promise.withResolvers<void>();
  const others = new Map<number, number>();
  const limits = { maxBytesPerPartition: 200_000, flush: { rows: 500, bytes: 100_000, lingerMs: 10 } };
  const ingest = await rig.start({
    limits,
    async onStored(event: StoredEvent) {
      if (event.partition === 0) await gate.promise;
      else others.set(event.partition, event.maxOffset);
    },
  });
  // Ordering, not time: the others end while the first batch of partition 0 has not ended.
  await until('partitions 1 and 2 are at their end', () =>
    [1, 2].every((partition) => others.get(partition) === n / 3 - 1),
  );
  const stuck = ingest.progress().partitions.find((one) => one.partition === 0);
  assert.equal(stuck?.floor, 500);
  // A megabyte waits in the topic; held are at most the buffer and one fetch.
  assert.ok(
    (stuck?.bufferedBytes ?? 0) > 0 && (stuck?.bufferedBytes ?? 0) <= 2 * limits.maxBytesPerPartition,
  );
  gate.resolve();
  await ingest.settled();
  assert.deepEqual(await rig.totals(), counts({ consumed: n, stored: n }));
});

test('while the registry owes an answer the partition waits, nothing is set aside, and the others go on', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 2 });
  const other = await rig.registry.register({
    subject: rig.contract.subject,
    definition: { type: 'record', name: 'Example', namespace: 'test', fields: [...fields(rig), EXTRA] },
  });
  let away = true;
  const registry: Registry = {
    ...rig.registry,
    byId: async (id) =>
      away && id === other ? { status: 'unreachable', id, why: 'No answer.' } : rig.registry.byId(id),
  };
  const body = rig.type.toBuffer(exampleOf(1));
  const messages = [0, 1].flatMap((partition) =>
    Array.from({ length: 200 }, (_, i) => ({
      key: `e${i}`,
      partition,
      value:
        partition === 0 && i >= 50 && i % 10 === 0
          ? framed(other, Buffer.concat([body, Buffer.from([0])]))
          : framed(rig.schemaId, body),
    })),
  );
  await rig.send(messages);
  const ingest = await rig.start({ registry });
  const at = (partition: number) => ingest.progress().partitions.find((one) => one.partition === partition);
  await until('partition 1 is done and partition 0 has come as far as it can', () => {
    return at(1)?.floor === 200 && at(0)?.floor === 50;
  });
  await until('it says what it waits for', () => at(0)?.holding?.why.includes(`schema ${other}`) === true);
  assert.deepEqual(await rig.letters(), []);
  away = false;
  await ingest.settled();
  assert.deepEqual(await rig.totals(), counts({ consumed: 400, stored: 400 }));
  assert.equal(at(0)?.holding, undefined);
});

test('inserts that fail before or after ClickHouse took them leave no hole and no second copy', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 2 });
  const n = 4_000;
  await produce(rig, n, 2);
  const faults = { before: 0, after: 0 };
  const doubtful = withInserts(rig.clickhouse, async (insert, turn) => {
    if (turn % 5 === 1) {
      faults.before += 1;
      throw lost();
    }
    await insert();
    if (turn % 5 === 3) {
      faults.after += 1;
      throw lost();
    }
  });
  const ingest = await rig.start({ clickhouse: doubtful, limits: { flush: FLUSH } });
  await ingest.settled();
  assert.ok(faults.before > 3 && faults.after > 3, JSON.stringify(faults));
  assert.deepEqual(await rig.totals(), counts({ consumed: n, stored: n }));
  const [copies] = await rig.clickhouse.rows('stored-copies', { table: rig.table }, COPIES);
  assert.deepEqual(copies, { rows: n, offsets: n });
});

test('the same faults met by sending the rows again show up as second copies', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  await produce(rig, 500, 1);
  const careless = withInserts(rig.clickhouse, async (insert, turn) => {
    await insert();
    if (turn === 1) await insert();
  });
  const ingest = await rig.start({ clickhouse: careless });
  await ingest.settled();
  const [copies] = await rig.clickhouse.rows('stored-copies', { table: rig.table }, COPIES);
  assert.notEqual(copies?.rows, copies?.offsets);
  // Readers use FINAL or count distinct offsets, so even then nothing is counted twice.
  assert.deepEqual(await rig.totals(), counts({ consumed: 500, stored: 500 }));
});

test('what was stored is told again until it is heard, and in order', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  await produce(rig, 600, 1);
  let deaf = 3;
  const told: number[] = [];
  const ingest = await rig.start({
    limits: { flush: FLUSH },
    onStored({ minOffset, maxOffset }) {
      if (deaf-- > 0) throw new Error('Busy.');
      told.push(minOffset, maxOffset);
    },
  });
  await ingest.settled();
  await until('the last batch was told', () => told.at(-1) === 599);
  assert.deepEqual(told, [0, 199, 200, 399, 400, 599]);
});

test('while ClickHouse is away the partition waits with a sentence, is not ready but live, and recovers by itself', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  await produce(rig, 5_000, 1);
  let away = true;
  const clickhouse = withInserts(rig.clickhouse, async (insert) => {
    if (away) throw lost();
    await insert();
  });
  const ingest = await rig.start({
    clickhouse,
    limits: { flush: FLUSH, stalledAfterMs: 200, maxBytesPerPartition: 100_000 },
  });
  await until('it is not ready and says why', () => {
    const { live, ready, problems } = ingest.progress();
    return live && !ready && problems.some((problem) => problem.includes('did not answer'));
  });
  away = false;
  await ingest.settled();
  assert.deepEqual(ingest.progress().problems, []);
  assert.deepEqual(await rig.totals(), counts({ consumed: 5_000, stored: 5_000 }));
});

const FLUSH = { rows: 200, bytes: 1 << 20, lingerMs: 10 };
const EXTRA = { name: 'extra', type: ['null', 'string'], default: null, role: 'ignore' } as const;
const COPIES = z.object({ rows: count, offsets: count });

function counts(part: { consumed: number; stored: number }) {
  return { ...part, dead_letters: 0, tombstones: 0, unexplained: 0 };
}

async function produce(rig: Rig, n: number, partitions: number): Promise<void> {
  await rig.send(
    Array.from({ length: n }, (_, i) => ({
      key: `e${i}`,
      value: framed(rig.schemaId, rig.type.toBuffer(exampleOf(i))),
      partition: i % partitions,
    })),
  );
}

function withInserts(
  clickhouse: ClickHouse,
  around: (insert: () => Promise<void>, turn: number) => Promise<void>,
): ClickHouse {
  let turn = 0;
  return {
    ...clickhouse,
    insertAvro(args) {
      turn += 1;
      return around(() => clickhouse.insertAvro(args), turn);
    },
  };
}

function lost(): DriftwatchError {
  const code = 'CLICKHOUSE_UNREACHABLE';
  return new DriftwatchError({ code, message: 'ClickHouse did not answer.', next: 'Wait.' });
}

function fields(rig: Rig) {
  return rig.contract.fields.flatMap((field) => field.registered ?? []);
}
