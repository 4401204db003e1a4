import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { computePerformancePane } from '../../../processors/panes/join-panes.ts';
import { type ClickHouse, openClickHouse } from '../../../src/io/clickhouse/client.ts';
import { count } from '../../../src/io/clickhouse/columns.ts';
import { createDatabase, migrate } from '../../../src/io/clickhouse/migrate.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 10);
const VIEW = {
  model: 'm',
  tables: { training: 'training_m', serving: 'serving_m', labels: 'labels_m' },
  topics: { training: 't', serving: 's', labels: 'l' },
  id: 'id',
  prediction: 'p',
  version: 'version',
  label: 'y',
  task: 'classification',
  features: [],
  segments: [],
} as const;

test('a row that is stored while a pane is reduced is not in its count, so that the pane is seen to be behind', async (t) => {
  const { clickhouse: systems } = stack();
  const database = uniqueName('revision');
  await createDatabase({ ...systems, database });
  const clickhouse = openClickHouse({ ...systems, database });
  t.after(() => clickhouse.close());
  await migrate({ clickhouse });
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
