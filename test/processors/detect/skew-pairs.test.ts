import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeOf } from '../../../processors/detect/explain-skew.ts';
import { readSkewPairs } from '../../../processors/detect/skew-pairs.ts';
import type { ViewedFeature } from '../../../processors/panes/model-view.ts';
import { ownDatabase } from '../../fixtures/own-database.ts';
import { plainView } from '../../fixtures/plain-view.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);

function featureOf(name: string, kind: 'numeric' | 'categorical'): ViewedFeature {
  return {
    kind,
    field: { name, kind, role: 'feature', avro: kind === 'numeric' ? 'double' : 'string', nullable: true },
  };
}

test('pairs of one window come from both tables with their context, and the cause is named', async (t) => {
  const clickhouse = await ownDatabase(t, 'skew', { bare: true });
  const columns = `id String, event_time DateTime64(3, 'UTC'), x Nullable(Float64), c Nullable(String), g Nullable(String),
    _partition Int32, _offset Int64, _schema_id Int64`;
  const engine = 'ENGINE = ReplacingMergeTree ORDER BY (toStartOfHour(event_time), _partition, _offset)';
  await clickhouse.statement(`CREATE TABLE training_m (${columns}) ${engine}`);
  await clickhouse.statement(
    `CREATE TABLE serving_m (${columns}, producer String, version String) ${engine}`,
  );
  const rows = Array.from({ length: 1_200 }, (_, at) => ({
    id: `e${at}`,
    event_time: new Date(START + at * 3_000).toISOString(),
    x: at % 50 === 0 ? null : ((at * 7_919) % 1_000) / 10,
    c: ['red', 'green', 'blue'][at % 3] ?? null,
    g: at % 2 === 0 ? 'a' : 'b',
    _partition: at % 2,
    _offset: at,
    _schema_id: 7,
  }));
  await clickhouse.insert('training_m', rows);
  const serving = rows.map((row, at) => ({
    ...row,
    x: row.g === 'b' && at >= 400 && row.x !== null ? row.x * 100 : row.x,
    c: at % 6 === 1 ? null : row.c,
    _schema_id: at % 6 === 1 ? 9 : 8,
    producer: 'gate 1.4',
    version: 'v1',
  }));
  // Rows outside the window must not matter.
  await clickhouse.insert('serving_m', [
    ...serving,
    { ...serving[1], id: 'elsewhere', event_time: new Date(START - HOUR).toISOString(), x: -5 },
  ]);
  const x = featureOf('x', 'numeric');
  const c = featureOf('c', 'categorical');
  const view = plainView({
    features: [x, c],
    segments: ['g'],
  });
  const window = { clickhouse, view, fromMs: START, untilMs: START + HOUR };

  const differ = serving.filter((row, at) => row.x !== rows[at]?.x).length;
  const pairs = await readSkewPairs({ ...window, feature: x, segment: '' });
  assert.equal(pairs.mismatching.length, differ);
  assert.equal(pairs.matching.length, 400);
  assert.equal(pairs.matchingTotal, 1_200 - differ - 24);
  const one = pairs.mismatching[0];
  assert.equal(one?.serving, Number(one?.training) * 100);
  assert.deepEqual(Object.keys(one?.attributes ?? {}), ['g', 'version', 'producer', 'schema id']);
  assert.ok(['red', 'green', 'blue'].includes(String(one?.others?.['c']?.training)));
  const cause = causeOf({ feature: x, pairs, mismatches: differ });
  assert.equal(
    cause.sentence,
    `serving = training x 100 (unit), 100% of ${differ} ids, only g=b, since 2024-01-01 00:20`,
  );

  const missing = await readSkewPairs({ ...window, feature: c, segment: '' });
  assert.match(
    causeOf({ feature: c, pairs: missing, mismatches: 200 }).sentence,
    /^serving has no value \(missing\), 100% of 200 ids, only schema id=9$/,
  );
  const inA = await readSkewPairs({ ...window, feature: x, segment: 'g=a' });
  assert.equal(inA.mismatching.length, 0);
  assert.equal(inA.matchingTotal, 600 - 24);
});
