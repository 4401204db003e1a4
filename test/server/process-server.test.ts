import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditAccounting } from '../../processors/ingest/audit-accounting.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { startProcessServer } from '../../src/server/process-server.ts';
import { exampleOf, framed, openRig } from '../fixtures/ingest-rig.ts';
import { freeTestOffset } from '../fixtures/own-stack.ts';
import { stack } from '../fixtures/stack.ts';
import { until } from '../fixtures/until.ts';

test('the metrics and the view account for every message of every partition, and agree', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 2 });
  await rig.send(
    Array.from({ length: 600 }, (_, i) => {
      const value = framed(rig.schemaId, rig.type.toBuffer(exampleOf(i)));
      return {
        key: `e${i}`,
        partition: i % 3 === 0 ? 1 : 0,
        value: i % 10 === 1 ? null : i % 10 === 2 ? value.subarray(0, -1) : value,
      };
    }),
  );
  const ingest = await rig.start();
  const audit = auditAccounting({
    clickhouse: rig.clickhouse,
    topics: [rig.topic],
    clock: systemClock,
    log: silentLog,
    everyMs: 50,
  });
  t.after(() => audit.stop());
  const server = await startProcessServer({
    port: 8086 + (await freeTestOffset()),
    report: () => ({ ...ingest.progress(), accounting: audit.latest(), models: [] }),
  });
  t.after(() => server.stop());
  await ingest.settled();
  await until(
    'the view has been read since',
    async () =>
      (await read(server.url)).get(
        `monitor_accounting_consumed_messages{topic="${rig.topic}",partition="0"}`,
      ) === 400,
  );

  const metrics = await read(server.url);
  const view = await rig.accounting();
  assert.equal(view.length, 2);
  for (const row of view) {
    const place = `{topic="${rig.topic}",partition="${row.partition}"}`;
    const now = (name: string) => metrics.get(`monitor_${name}_messages${place}`);
    for (const prefix of ['', 'accounting_']) {
      assert.deepEqual(
        {
          consumed: now(`${prefix}consumed`),
          stored: now(`${prefix}stored`),
          dead_letters: now(`${prefix}dead_letter`),
          tombstones: now(`${prefix}tombstone`),
          unexplained: now(`${prefix}unexplained`),
        },
        {
          consumed: row.consumed,
          stored: row.stored,
          dead_letters: row.dead_letters,
          tombstones: row.tombstones,
          unexplained: 0,
        },
      );
    }
    assert.equal(row.unexplained, 0);
    assert.equal(metrics.get(`kafka_consumergroup_lag${place}`), 0);
    assert.equal(metrics.get(`monitor_waiting_seconds${place}`), 0);
  }
  assert.deepEqual(
    view.map(({ consumed, stored, dead_letters, tombstones }) => [
      consumed,
      stored,
      dead_letters,
      tombstones,
    ]),
    [
      [400, 320, 40, 40],
      [200, 160, 20, 20],
    ],
  );
  assert.equal(metrics.get('monitor_ready'), 1);
  const ready = await fetch(`${server.url}/readyz`);
  assert.deepEqual([ready.status, await ready.json()], [200, { ready: true, problems: [], waiting: [] }]);
});

test('a row that is taken out of the raw table shows up as unexplained', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  const value = framed(rig.schemaId, rig.type.toBuffer(exampleOf(1)));
  await rig.send(Array.from({ length: 10 }, (_, i) => ({ key: `e${i}`, partition: 0, value })));
  const ingest = await rig.start();
  await ingest.settled();
  await rig.clickhouse.statement(
    `ALTER TABLE ${rig.table} DELETE WHERE _offset = 4 SETTINGS mutations_sync = 2`,
  );
  const audit = auditAccounting({
    clickhouse: rig.clickhouse,
    topics: [rig.topic],
    clock: systemClock,
    log: silentLog,
  });
  t.after(() => audit.stop());
  await until('the view has been read', () => audit.latest() !== undefined);
  assert.deepEqual(
    audit.latest()?.partitions.map(({ consumed, stored, unexplained }) => [consumed, stored, unexplained]),
    [[10, 9, 1]],
  );
});

/** Prometheus text as values by name and labels. */
async function read(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const [, name = '', value = ''] = /^(\S+) (\S+)$/.exec(line) ?? [];
      return [name, Number(value)];
    }),
  );
}
