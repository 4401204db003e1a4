import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { computePerformancePane } from '../../../processors/panes/join-panes.ts';
import type { ClickHouse } from '../../../src/io/clickhouse/client.ts';
import { count } from '../../../src/io/clickhouse/columns.ts';
import { ownDatabase } from '../../fixtures/own-database.ts';
import { plainView } from '../../fixtures/plain-view.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 10);
const VIEW = plainView({
  features: [],
});

test('a row that is stored while a pane is reduced is not in its count, so that the pane is seen to be behind', async (t) => {
  const clickhouse = await ownDatabase(t, 'revision');
  for (const [table, column] of [
    ['labels_m', 'y UInt8'],
    ['serving_m', 'p Float64, version String'],
  ])
    await clickhouse.statement(`CREATE TABLE ${table} (id String, event_time DateTime64(3, 'UTC'), ${column},
      _partition Int32, _offset Int64) ENGINE = ReplacingMergeTree ORDER BY (event_time, _partition, _offset)`);
  const store = async (offset: number) => {
    const row = {
      id: `e${offset}`,
      event_time: new Date(START).toISOString(),
      _partition: 0,
      _offset: offset,
    };
    await clickhouse.insert('serving_m', [{ ...row, p: 0.5, version: 'v1' }]);
    await clickhouse.insert('labels_m', [{ ...row, y: 1 }]);
  };
  await store(0);
  await store(1);
  const interrupted: ClickHouse = {
    ...clickhouse,
    async runEach(statement) {
      await store(2);
      await clickhouse.runEach(statement);
    },
  };
  const pane = { view: VIEW, fromMs: START, untilMs: START + HOUR, version: '', streamTimeMs: START + HOUR };
  await computePerformancePane({ ...pane, clickhouse: interrupted, revision: 0, labelDelayMs: 0 });
  const params = { model: 'm', stream: 'labels', bins_id: '' };
  const row = z.object({ rows: count, end_offsets: z.array(count), joined_end_offsets: z.array(count) });
  const counted = await clickhouse.rows('pane-revisions', params, row);
  assert.deepEqual(counted, [{ rows: 4, end_offsets: [2], joined_end_offsets: [2] }]);
  await clickhouse.statement('SELECT throwIf(sum(n) != 6) FROM performance_panes');
});
