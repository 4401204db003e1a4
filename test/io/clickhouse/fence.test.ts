import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { confirmDecisions, fenced, takeDecisions } from '../../../processors/detect/decision-lease.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import type { ClickHouse } from '../../../src/io/clickhouse/client.ts';
import { instant } from '../../../src/io/clickhouse/columns.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { ownDatabase } from '../../fixtures/own-database.ts';

test('what is written under a fence is what is written without one', async (t) => {
  const clickhouse = await ownDatabase(t, 'fence');
  await clickhouse.statement(`CREATE TABLE free (id UUID, text LowCardinality(String), at DateTime64(3, 'UTC'),
    value Nullable(Float64), list Array(String), numbers Array(Int64), flag Bool, given UInt32 DEFAULT 7)
    ENGINE = MergeTree ORDER BY id`);
  await clickhouse.statement('CREATE TABLE bound AS free');
  const rows = ['it\'s \\ "quoted" {x:String}\n\tÜ ☃ ); DROP TABLE free', ''].map((text, i) => ({
    id: `00000000-0000-4000-8000-00000000000${i}`,
    text,
    at: '2024-02-29T23:59:59.999Z',
    value: i === 0 ? 0.1 + 0.2 : null,
    list: i === 0 ? ["a'b", 'c'] : [],
    numbers: [Number.MAX_SAFE_INTEGER],
    flag: i === 0,
  }));
  await clickhouse.insert('free', rows);
  const lease = await takeDecisions({ clickhouse, clock: systemClock, model: 'm', owner: 'a' });
  await fenced(clickhouse, lease).insert('bound', rows);
  await clickhouse.statement(
    'SELECT throwIf(count() != 0) FROM (SELECT * FROM free EXCEPT SELECT * FROM bound)',
  );
  await clickhouse.statement('SELECT throwIf(count() != 2 OR sum(given) != 14) FROM bound');
});

test('once another has begun to decide, nothing of the one before is written, and it is told', async (t) => {
  const clickhouse = await ownDatabase(t, 'fence');
  const take = (owner: string) => takeDecisions({ clickhouse, clock: systemClock, model: 'm', owner });
  const first = await take('first');
  const before = fenced(clickhouse, first);
  await before.insert('progress', [progressTo(1)]);
  const second = await take('second');
  assert.equal(second.epoch, first.epoch + 1);
  await before.insert('progress', [progressTo(2)]);
  assert.equal(await progressOf(clickhouse), 1);
  await fenced(clickhouse, second).insert('progress', [progressTo(3)]);
  assert.equal(await progressOf(clickhouse), 3);
  await assert.rejects(confirmDecisions(clickhouse, first), isLost);
  await confirmDecisions(clickhouse, second);
  // Another model is another matter.
  await takeDecisions({ clickhouse, clock: systemClock, model: 'other', owner: 'third' });
  await confirmDecisions(clickhouse, second);
});

test('of two that take one epoch the larger name decides, whichever came first', async (t) => {
  const clickhouse = await ownDatabase(t, 'fence');
  for (const [model, order] of [
    ['up', ['a', 'b']],
    ['down', ['b', 'a']],
  ] as const) {
    for (const owner of order) await clickhouse.insert('decision_leases', [{ model, epoch: 5, owner }]);
    await confirmDecisions(clickhouse, { model, epoch: 5, owner: 'b', tag: '' });
    await assert.rejects(confirmDecisions(clickhouse, { model, epoch: 5, owner: 'a', tag: '' }), isLost);
  }
});

test('panes are fenced too: the statement that reduces them looks when it runs', async (t) => {
  const clickhouse = await ownDatabase(t, 'fence');
  for (const [table, column] of [
    ['labels_m', 'y UInt8'],
    ['serving_m', 'p Float64'],
  ])
    await clickhouse.statement(`CREATE TABLE ${table} (id String, event_time DateTime64(3, 'UTC'), ${column},
      _partition Int32, _offset Int64) ENGINE = ReplacingMergeTree ORDER BY (event_time, _partition, _offset)`);
  const row = { id: 'e', event_time: '2024-01-01T00:10:00Z', _partition: 0, _offset: 4 };
  await clickhouse.insert('labels_m', [{ ...row, y: 1 }]);
  await clickhouse.insert('serving_m', [{ ...row, p: 0.5 }]);
  const take = (owner: string) => takeDecisions({ clickhouse, clock: systemClock, model: 'm', owner });
  const first = await take('first');
  const second = await take('second');
  const each = { segment: [], binary: [{ prediction: 'p' }] };
  const pane = { name: 'performance-pane', shared: PANE, each };
  await fenced(clickhouse, first).runEach(pane);
  await clickhouse.statement('SELECT throwIf(count() != 0) FROM performance_panes');
  await fenced(clickhouse, second).runEach(pane);
  await clickhouse.statement('SELECT throwIf(sum(n) != 1) FROM performance_panes');
});

const PANE = {
  model: 'm',
  id: 'id',
  label: 'y',
  labels: 'labels_m',
  serving: 'serving_m',
  from: new Date('2024-01-01T00:00:00Z'),
  until: new Date('2024-01-01T01:00:00Z'),
  since: new Date('2024-01-01T00:00:00Z'),
  revision: 0,
};

function progressTo(hour: number): Record<string, unknown> {
  return {
    model: 'm',
    stage: 'serving',
    stream_time: new Date(hour * 3_600_000).toISOString(),
    version: hour,
  };
}

async function progressOf(clickhouse: ClickHouse): Promise<number> {
  const rows = await clickhouse.rows('progress-of', { model: 'm' }, z.object({ stream_time: instant }));
  return (rows[0]?.stream_time ?? 0) / 3_600_000;
}

function isLost(error: unknown): boolean {
  return error instanceof DriftwatchError && error.code === 'LEASE_LOST';
}
