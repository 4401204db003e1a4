import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureBinnedDistance, measureDistance } from '../../../processors/detect/measure-distance.ts';
import { computePanes } from '../../../processors/panes/compute-panes.ts';
import { fitReference } from '../../../processors/panes/fit-reference.ts';
import { NO_RANGES } from '../../../processors/panes/rows.ts';
import { type Random, seededRandom } from '../../../src/core/random.ts';
import type { Result } from '../../../src/core/statistic.ts';
import { kolmogorovSmirnov } from '../../../src/core/statistics/kolmogorov-smirnov.ts';
import { wasserstein } from '../../../src/core/statistics/wasserstein.ts';
import { ownDatabase } from '../../fixtures/own-database.ts';
import { plainView } from '../../fixtures/plain-view.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const FEATURES = ['ties', 'tails', 'same', 'few'] as const;
type Name = (typeof FEATURES)[number];
const VIEW = plainView({
  features: FEATURES.map((name) => ({
    kind: 'numeric',
    field: { name, kind: 'numeric', role: 'feature', avro: 'double', nullable: true },
  })),
});
type Row = Readonly<Record<Name, number | null>> & { readonly side: string };

function madeRow(random: Random, shift: number): Row {
  const hole = random();
  const ties = Math.floor(6 * random() ** 2) + (random() < 0.3 ? shift : 0);
  const tails = Math.tan(Math.PI * (random() - 0.5)) * 10 + shift;
  return {
    // A whole number has -0 among its zeros.
    ties: hole < 0.05 ? null : hole < 0.1 ? Number.NaN : ties === 0 && random() < 0.5 ? -0 : ties,
    tails: hole < 0.02 ? Number.POSITIVE_INFINITY : hole < 0.03 ? Number.NEGATIVE_INFINITY : tails,
    same: 7,
    few: random() < 0.999 ? null : random(),
    side: random() < 0.5 ? 'left' : 'right',
  };
}

test('the statistics of rows sorted in ClickHouse are those of the core, and binned ones are within their resolution', async (t) => {
  const clickhouse = await ownDatabase(t, 'distance');
  const random = seededRandom(5);
  const days = [0, 1].map((shift) =>
    Array.from({ length: 12_500 + 100 * shift }, () => madeRow(random, shift)),
  );
  for (const table of ['training_m', 'serving_m'])
    await clickhouse.statement(`CREATE TABLE ${table} (event_time DateTime64(3, 'UTC'), ties Nullable(Float64), tails Nullable(Float64),
      same Nullable(Float64), few Nullable(Float64), p Float64 DEFAULT 0.5, side String, _partition Int32, _offset Int64)
      ENGINE = ReplacingMergeTree ORDER BY (_partition, _offset)`);
  const stored = days.flatMap((rows, day) =>
    rows.map((row, at) => ({
      ...Object.fromEntries(Object.entries(row).map(([name, value]) => [name, written(value)])),
      event_time: new Date(START + day * DAY + at).toISOString(),
      _partition: at % 3,
      _offset: day * 100_000 + at,
    })),
  );
  for (const table of ['training_m', 'serving_m']) await clickhouse.insert(table, stored);
  const span = (day: number) => ({ fromMs: START + day * DAY, untilMs: START + (day + 1) * DAY });
  const [reference, current] = [0, 1].map((day) => ({ table: 'serving_m', ...span(day) }));
  assert.ok(reference !== undefined && current !== undefined);
  const [before = [], after = []] = days;

  let compared = 0;
  for (const feature of FEATURES) {
    const column = (rows: readonly Row[]) => rows.map((row) => row[feature]);
    const [a, b] = [column(before), column(after)];
    const measured = await measureDistance({ clickhouse, feature, reference, current });
    const expected = { kolmogorovSmirnov: kolmogorovSmirnov(a, b), wasserstein: wasserstein(a, b) };
    compared += same(measured.kolmogorovSmirnov, expected.kolmogorovSmirnov, `${feature}, ranks`);
    compared += same(measured.wasserstein, expected.wasserstein, `${feature}, area`);
  }
  assert.equal(compared, 2 * FEATURES.length);

  const left = (rows: readonly Row[]) => rows.filter(({ side }) => side === 'left').map(({ tails }) => tails);
  const half = await measureDistance({
    clickhouse,
    feature: 'tails',
    segment: { name: 'side', value: 'left' },
    reference,
    current,
  });
  same(half.wasserstein, wasserstein(left(before), left(after)), 'one segment');
  // The comparison sees one row that moved.
  const [gone, ...rest] = left(after);
  assert.ok(gone !== undefined);
  assert.throws(() =>
    same(half.wasserstein, wasserstein(left(before), [1_000, ...rest]), 'one row elsewhere'),
  );
  const nothing = { table: 'serving_m', fromMs: START + 9 * DAY, untilMs: START + 10 * DAY };
  const empty = await measureDistance({ clickhouse, feature: 'ties', reference, current: nothing });
  assert.equal(empty.kolmogorovSmirnov.status, 'insufficient');
  assert.equal(empty.wasserstein.status, 'insufficient');

  const window = { clickhouse, view: VIEW, version: 'v1', paneMs: DAY };
  const { id } = await fitReference({ ...window, ...span(0), ranges: NO_RANGES, rows: before.length });
  const panes = { table: 'serving_m', stream: 'serving', binsIds: [id], revision: 0, streamTimeMs: START };
  await computePanes({ ...window, ...panes, fromMs: START, untilMs: START + 2 * DAY });
  const cell = { clickhouse, model: 'm', segment: '', reference: span(0), current: span(1) };
  const exact = await measureDistance({ clickhouse, feature: 'ties', reference, current });
  const binned = await measureBinnedDistance({ ...cell, feature: 'ties' });
  for (const name of ['kolmogorovSmirnov', 'wasserstein'] as const) {
    const [one, other] = [exact[name], binned[name]];
    assert.ok(one.status === 'ok' && other.status === 'ok');
    const resolution = other.details?.['resolution'] ?? Number.NaN;
    assert.ok(resolution > 0);
    assert.ok(
      Math.abs(one.value - other.value) <= resolution + 1e-9,
      `${name}: ${one.value}, ${other.value}`,
    );
    assert.deepEqual([one.n, one.m], [other.n, other.m]);
  }
  const never = await measureBinnedDistance({ ...cell, feature: 'ties', current: span(5) });
  assert.equal(never.wasserstein.status, 'insufficient');
});

/** JSON has no NaN and no infinities; the database reads these texts. */
function written(value: number | string | null): number | string | null {
  if (typeof value !== 'number' || Number.isFinite(value)) return Object.is(value, -0) ? '-0' : value;
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

function same(measured: Result, expected: Result, what: string): number {
  assert.ok(measured.status === 'ok' && expected.status === 'ok', what);
  for (const name of ['value', 'effect', 'n', 'm'] as const) {
    const [a, b] = [measured[name] ?? Number.NaN, expected[name] ?? Number.NaN];
    assert.ok(Math.abs(a - b) <= 1e-9 * Math.abs(b) + 1e-15, `${what}: ${name} ${a}, not ${b}`);
  }
  assert.equal(measured.law, expected.law, what);
  const [p, q] = [measured.pValue ?? 2, expected.pValue ?? 2];
  assert.ok(Math.abs(p - q) <= 1e-9 * q, `${what}: p ${p}, not ${q}`);
  return 1;
}
