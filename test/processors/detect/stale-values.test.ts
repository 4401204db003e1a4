import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeOf } from '../../../processors/detect/explain-skew.ts';
import { readSkewPairs } from '../../../processors/detect/skew-pairs.ts';
import type { ViewedFeature } from '../../../processors/panes/model-view.ts';
import { ownDatabase } from '../../fixtures/own-database.ts';
import { plainView } from '../../fixtures/plain-view.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 10);
const STATIONS = 40;

const READING: ViewedFeature = {
  kind: 'numeric',
  entity: 'station',
  field: { name: 'reading', kind: 'numeric', role: 'feature', avro: 'double', nullable: true },
};
const { entity: _, ...WITHOUT } = READING;
const VIEW = plainView({
  features: [READING],
});

/** Reading of a station at an hour: no two alike, and no trend that a constant could imitate. */
function readingAt(station: number, hour: number): number {
  return Math.round(10_000 * Math.abs(Math.sin(station * 12.9898 + hour * 78.233))) / 10;
}

test('a serving value that the entity had an hour before is named stale, from the values training has', async (t) => {
  const clickhouse = await ownDatabase(t, 'stale', { bare: true });
  for (const table of ['training_m', 'serving_m']) {
    await clickhouse.statement(`CREATE TABLE ${table} (id String, event_time DateTime64(3, 'UTC'),
      station Int64, reading Nullable(Float64), _partition Int32, _offset Int64, _schema_id Int64, version String)
      ENGINE = ReplacingMergeTree ORDER BY (toStartOfHour(event_time), _partition, _offset)`);
  }
  // Three days of hourly records, the last of them in the window; two records an hour have the same reading.
  const rows = Array.from({ length: STATIONS * 72 }, (_, at) => {
    const [station, hour] = [at % STATIONS, Math.floor(at / STATIONS) - 71];
    return {
      id: `e${at}`,
      event_time: new Date(START + hour * HOUR).toISOString(),
      station,
      reading: readingAt(station, Math.floor(hour / 2)),
      _partition: 0,
      _offset: at,
      _schema_id: 1,
      version: 'v1',
      hour,
    };
  });
  const stored = rows.map(({ hour: _hour, ...row }) => row);
  await clickhouse.insert('training_m', stored);
  const served = rows
    .filter(({ hour }) => hour === 0)
    .map(({ hour, ...row }) => ({ ...row, reading: readingAt(row.station, Math.floor(hour / 2) - 1) }));
  await clickhouse.insert('serving_m', served);

  const window = { clickhouse, view: VIEW, fromMs: START, untilMs: START + HOUR };
  const pairs = await readSkewPairs({ ...window, feature: READING, segment: '' });
  assert.equal(pairs.mismatching.length, STATIONS);
  const [one] = pairs.mismatching;
  const station = rows.find(({ id }) => id === one?.id)?.station ?? 0;
  assert.deepEqual(
    one?.earlier?.slice(0, 3),
    [-1, -2, -3].map((pairsOfHours) => ({
      agoMs: (-2 * pairsOfHours - 1) * HOUR,
      value: readingAt(station, pairsOfHours),
    })),
  );
  assert.match(
    causeOf({ feature: READING, pairs, mismatches: STATIONS }).sentence,
    /^serving has the value before \(stale\), 100% of 40 ids/,
  );

  // Without an entity nothing is known of earlier values, and the same differences have no name.
  const blind = await readSkewPairs({ ...window, feature: WITHOUT, segment: '' });
  assert.match(
    causeOf({ feature: WITHOUT, pairs: blind, mismatches: STATIONS }).sentence,
    /^no single cause/,
  );
});
