import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { rangeParams } from '../../processors/panes/compute-panes.ts';
import { computeJointPanes, storeAxes } from '../../processors/panes/joint-pane.ts';
import { NO_RANGES, type OffsetRanges } from '../../processors/panes/rows.ts';
import { type JointSignature, signatureOf } from '../../src/core/joint/joint-signature.ts';
import { type Axis, indicatorAxes, numericAxis, scorer } from '../../src/core/joint/normal-scores.ts';
import { fourierBasis } from '../../src/core/joint/random-fourier.ts';
import { seededRandom } from '../../src/core/random.ts';
import { coder, fitCategoricalBins } from '../../src/core/summaries/bins.ts';
import { countCodes } from '../../src/core/summaries/counts.ts';
import { type ClickHouse, openClickHouse } from '../../src/io/clickhouse/client.ts';
import { migrate } from '../../src/io/clickhouse/migrate.ts';
import {
  type EmbeddedClickHouse,
  freePort,
  startEmbeddedClickHouse,
} from '../fixtures/embedded-clickhouse.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);
const RANGE = { from: new Date(START), until: new Date(START + 3 * HOUR) };
const EDGES = { amount: [-1, -0.5, 0, 0.5, 1], ratio: [0.25, 0.5, 0.75] } as const;
const bins = fitCategoricalBins(new Map(Object.entries({ red: 50, green: 30, blue: 20 })));

interface Row {
  readonly atMs: number;
  readonly amount: number | null;
  readonly ratio: number | null;
  readonly colour: string | null;
}

const rows = madeRows(3_000);
const axes = madeAxes(rows);
const fourier = fourierBasis({ axes: axes.length, random: seededRandom(9), features: 64 });
let directory: string;
let server: EmbeddedClickHouse;
let clickhouse: ClickHouse;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'driftwatch-test-'));
  server = await startEmbeddedClickHouse({ port: await freePort(), directory, database: 'driftwatch' });
  const { url, username, password } = server;
  clickhouse = openClickHouse({ url, username, password, database: 'driftwatch' });
  await migrate({ clickhouse });
  await store();
});

after(async () => {
  await clickhouse.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

test('the joint signature from ClickHouse equals the one of the core, per pane', async () => {
  const found = await reduce(0);
  assert.equal(found.length, 3);
  for (const { pane_start, ...signature } of found) near(signature, coreSignature(rowsOf(pane_start), axes));
  assert.equal(
    found.reduce((sum, { n }) => sum + n, 0),
    rows.length,
  );
});

test('readers take the revision that was written last', async () => {
  const before = await reduce(2);
  await clickhouse.statement(
    `INSERT INTO joint_panes SELECT * REPLACE (3 AS revision, 1 AS n) FROM joint_panes`,
  );
  const params = { model: 'toy', stream: 'serving', bins_id: 'b', ...RANGE };
  assert.deepEqual(await clickhouse.rows('joint-signatures', params, SIGNATURE), before);
});

test('the parity check fails when one score of one axis differs', async () => {
  const [first] = await reduce(1);
  assert.ok(first !== undefined);
  const own = rowsOf(first.pane_start);
  const bent = axes.map((axis, at) =>
    axis.kind === 'numeric' && at === 0
      ? { ...axis, scores: axis.scores.map((score, bin) => (bin === 2 ? score + 1e-3 : score)) }
      : axis,
  );
  near(first, coreSignature(own, axes));
  assert.throws(() => near(first, coreSignature(own, bent)));
});

test('offset ranges leave out the rows of others', async () => {
  const found = await reduce(4, { partitions: [0], firstOffsets: [100], endOffsets: [900] });
  assert.deepEqual(
    found.map(({ n }) => n),
    [800],
  );
  near(found[0] ?? assert.fail(), coreSignature(rows.slice(100, 900), axes));
});

const SIGNATURE = z.object({
  pane_start: z.string(),
  n: z.number(),
  sums: z.array(z.number()),
  products: z.array(z.number()),
  fourier: z.array(z.number()),
});

async function reduce(
  revision: number,
  ranges: OffsetRanges = NO_RANGES,
): Promise<z.infer<typeof SIGNATURE>[]> {
  const key = { model: 'toy', stream: 'serving', bins_id: 'b' };
  await computeJointPanes({
    clickhouse,
    view: { features: [] },
    axes: { binsId: 'b', basis: { axes, fourier } },
    shared: {
      ...key,
      ...RANGE,
      table: 'serving_toy',
      pane_seconds: 3600,
      revision,
      ...rangeParams(ranges),
    },
  });
  await clickhouse.insert(
    'pane_revisions',
    [0, 1, 2].map((hour) => ({
      ...key,
      pane_start: new Date(START + hour * HOUR).toISOString(),
      pane_end: new Date(START + (hour + 1) * HOUR).toISOString(),
      revision,
    })),
  );
  return clickhouse.rows('joint-signatures', { ...key, ...RANGE }, SIGNATURE);
}

function rowsOf(paneStart: string): Row[] {
  const startMs = Date.parse(paneStart);
  return rows.filter(({ atMs }) => atMs >= startMs && atMs < startMs + HOUR);
}

async function store(): Promise<void> {
  await clickhouse.statement(`CREATE TABLE serving_toy
    (event_time DateTime64(3, 'UTC'), amount Nullable(Float64), ratio Nullable(Float32), colour Nullable(String),
     _partition Int32, _offset Int64)
    ENGINE = ReplacingMergeTree ORDER BY (event_time, _partition, _offset)`);
  const number = (x: number | null): string =>
    x === null ? 'NULL' : Number.isFinite(x) ? String(x) : sqlOf(x);
  const text = rows.map(({ atMs, amount, ratio, colour }, offset) => {
    const word = colour === null ? 'NULL' : `'${colour}'`;
    return `(fromUnixTimestamp64Milli(toInt64(${atMs}), 'UTC'), ${number(amount)}, ${number(ratio)}, ${word}, 0, ${offset})`;
  });
  for (let at = 0; at < text.length; at += 500) {
    await clickhouse.statement(`INSERT INTO serving_toy VALUES ${text.slice(at, at + 500).join(', ')}`);
  }
  await storeAxes({ clickhouse, model: 'toy', binsId: 'b', basis: { axes, fourier } });
}

function sqlOf(x: number): string {
  return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
}

/** Values on edges, beyond them, missing and not finite, in three hours. */
function madeRows(count: number): Row[] {
  const random = seededRandom(4);
  const odd = [null, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5, -1, 1e300];
  return Array.from({ length: count }, (_, at) => ({
    atMs: START + Math.floor((at / count) * 3 * HOUR),
    amount: at % 11 === 0 ? (odd[(at / 11) % odd.length] ?? null) : 4 * random() - 2,
    // Sixteenths: the same in single and double precision.
    ratio: at % 17 === 0 ? null : Math.floor(random() * 17) / 16,
    colour: ['red', 'green', 'blue', 'red', null, 'mauve'][Math.floor(random() * 6)] ?? null,
  })).map((row) => (row.colour === 'mauve' ? { ...row, colour: 'red' } : row));
}

function madeAxes(reference: readonly Row[]): Axis[] {
  const numeric = (['amount', 'ratio'] as const).map((feature) => {
    const own = { kind: 'numeric', edges: EDGES[feature] } as const;
    const codes = reference.map((row) => coder(own)(row[feature]));
    const axis = numericAxis({ feature, bins: own, reference: countCodes(codes) });
    assert.ok(axis !== undefined);
    return axis;
  });
  const codes = reference.map((row) => coder(bins)(row.colour));
  return [...numeric, ...indicatorAxes({ feature: 'colour', bins, reference: countCodes(codes) })];
}

function coreSignature(some: readonly Row[], own: readonly Axis[]): JointSignature {
  const scorers = own.map((axis) => ({ score: scorer(axis), feature: axis.feature }));
  const scored = some.map((row) =>
    scorers.map(({ score, feature }) =>
      score(feature === 'amount' ? row.amount : feature === 'ratio' ? row.ratio : row.colour),
    ),
  );
  return signatureOf(scored, own.length, fourier);
}

function near(a: JointSignature, b: JointSignature): void {
  assert.equal(a.n, b.n);
  for (const name of ['sums', 'products', 'fourier'] as const) {
    assert.equal(a[name].length, b[name].length, name);
    for (const [k, value] of a[name].entries()) {
      // To the bit, but for a cosine whose last bit differs between mathematical libraries and decides a rounding.
      const gap = Math.abs(value - (b[name][k] ?? Number.NaN));
      assert.ok(
        gap <= (name === 'fourier' ? 3 * 2 ** -24 : 0),
        `${name} ${k}: ${value} against ${b[name][k]}`,
      );
    }
  }
}
