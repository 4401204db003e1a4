import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinForSkew } from '../../../processors/backtest/join-tables.ts';
import { causeOf } from '../../../processors/detect/explain-skew.ts';
import { readSkewPairs } from '../../../processors/detect/skew-pairs.ts';
import { computeSkewPane } from '../../../processors/panes/join-panes.ts';
import type { ViewedFeature } from '../../../processors/panes/model-view.ts';
import { SKEW_ROW, type SkewRow } from '../../../processors/panes/rows.ts';
import { numberColumn, type Table, textColumn } from '../../../src/core/windows/column.ts';
import { ownDatabase } from '../../fixtures/own-database.ts';
import { plainView } from '../../fixtures/plain-view.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2024, 0, 1);
const ROWS = 900;

function featureOf(name: string, kind: 'numeric' | 'timestamp', avro: string): ViewedFeature {
  return { kind: 'numeric', field: { name, kind, role: 'feature', avro, nullable: true } };
}

const SEEN = featureOf('seen', 'timestamp', 'timestamp-millis');
const FINE = featureOf('fine', 'timestamp', 'timestamp-micros');
const BORN = featureOf('born', 'timestamp', 'date');
const X = featureOf('x', 'numeric', 'double');
const VIEW = plainView({
  // Moments between numbers: the order of the contract must not decide what is compared with what.
  features: [SEEN, X, FINE, BORN],
});

/** `seen` is two hours later in every third example, `fine` a millisecond in every fourth, `born` a day in every fifth. */
const TRAINING = Array.from({ length: ROWS }, (_, at) => ({
  id: `e${String(at).padStart(4, '0')}`,
  at: START + at * 3_000,
  x: at / 7,
  seen: at % 50 === 7 ? null : START - ((at * 7_919) % 5_000) * 60_000 + (at % 997),
  fine: START - at * 86_399_999,
  born: Math.floor((START - ((at * 613) % 20_000) * DAY) / DAY) * DAY,
}));
const SERVING = TRAINING.map((row, at) => ({
  ...row,
  seen: row.seen === null || at % 3 !== 0 ? row.seen : row.seen + 2 * HOUR,
  fine: at % 4 === 0 ? row.fine + 1 : row.fine,
  born: at % 5 === 0 ? row.born + DAY : row.born,
}));

test('timestamps that differ between training and serving mismatch, and a time zone is named', async (t) => {
  const clickhouse = await ownDatabase(t, 'moments');
  for (const table of ['training_m', 'serving_m']) {
    await clickhouse.statement(`CREATE TABLE ${table} (id String, event_time DateTime64(3, 'UTC'),
      x Nullable(Float64), seen Nullable(DateTime64(3, 'UTC')), fine Nullable(DateTime64(6, 'UTC')), born Nullable(Date32),
      _partition Int32, _offset Int64, _schema_id Int64, version String)
      ENGINE = ReplacingMergeTree ORDER BY (toStartOfHour(event_time), _partition, _offset)`);
  }
  await clickhouse.insert('training_m', TRAINING.map(stored));
  await clickhouse.insert('serving_m', SERVING.map(stored));

  const window = { clickhouse, view: VIEW, fromMs: START, untilMs: START + HOUR };
  await computeSkewPane({ ...window, revision: 0, version: 'v1', streamTimeMs: START + HOUR });
  const counted = await clickhouse.rows(
    'skew-counts',
    { model: 'm', from: new Date(START), revision: 0 },
    SKEW_ROW,
  );
  const mismatches = Object.fromEntries(counted.map((row) => [row.feature, row.mismatches]));
  const differ = SERVING.filter((row, at) => row.seen !== TRAINING[at]?.seen).length;
  assert.deepEqual(mismatches, { x: 0, seen: differ, fine: ROWS / 4, born: ROWS / 5 });
  assert.deepEqual(counted.map(whole), joined().map(whole));

  const pairs = await readSkewPairs({ ...window, feature: SEEN, segment: '' });
  assert.equal(pairs.mismatching.length, differ);
  assert.match(
    causeOf({ feature: SEEN, pairs, mismatches: differ }).sentence,
    /^serving is 2 h later than training \(time zone\)/,
  );
  const days = await readSkewPairs({ ...window, feature: BORN, segment: '' });
  assert.equal(days.mismatching.length, ROWS / 5);
});

/** The same join over tables in memory, as backtest makes it. */
function joined(): SkewRow[] {
  const side = (rows: typeof TRAINING) => ({
    table: tableOf(rows),
    rows: rows.map((_, at) => at),
  });
  return joinForSkew({ view: VIEW, training: side(TRAINING), serving: side(SERVING) });
}

/** Sums of moments in milliseconds lose the last digits in an order of their own. */
function whole({ difference, training_total, serving_total, ...counts }: SkewRow) {
  const sums = { difference, training_total, serving_total };
  return {
    ...counts,
    ...Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum.toPrecision(10)])),
  };
}

function stored(row: (typeof TRAINING)[number], at: number): Record<string, unknown> {
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    id: row.id,
    event_time: iso(row.at),
    x: row.x,
    seen: iso(row.seen),
    fine: iso(row.fine),
    born: iso(row.born)?.slice(0, 10),
    _partition: 0,
    _offset: at,
    _schema_id: 1,
    version: 'v1',
  };
}

function tableOf(rows: typeof TRAINING): Table {
  const ids = rows.map(({ id }) => id);
  const times = (['seen', 'fine', 'born'] as const).map((name) =>
    numberColumn({
      name,
      form: 'time',
      values: rows.map((row) => row[name] ?? 0),
      missing: rows.map((row) => (row[name] === null ? 1 : 0)),
    }),
  );
  const x = numberColumn({ name: 'x', form: 'number', values: rows.map((row) => row.x), missing: [] });
  const id = textColumn({ name: 'id', codes: ids.map((_, at) => at), texts: ids });
  return { rows: rows.length, columns: new Map([id, x, ...times].map((column) => [column.name, column])) };
}
