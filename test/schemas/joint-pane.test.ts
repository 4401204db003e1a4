import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
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

test('the joint signature from ClickHouse equals the one of the core, per pane and segment', async () => {
  const found = await reduce(0);
  assert.equal(found.length, 3 * 5);
  for (const { pane_start, segment, ...signature } of found) {
    const startMs = Date.parse(pane_start);
    const own = rows.filter(({ atMs }) => atMs >= startMs && atMs < startMs + HOUR);
    const wanted = own.filter(({ colour }) => segment === '' || segment === `colour=${colour ?? 'null'}`);
    near(signature, coreSignature(wanted, axes));
  }
  const whole = found.filter(({ segment }) => segment === '').reduce((sum, { n }) => sum + n, 0);
  assert.equal(whole, rows.length);
});

test('the parity check fails when one score of one axis differs', async () => {
  const [first] = (await reduce(1)).filter(({ segment }) => segment === '');
  assert.ok(first !== undefined);
  const startMs = Date.parse(first.pane_start);
  const own = rows.filter(({ atMs }) => atMs >= startMs && atMs < startMs + HOUR);
  const bent = axes.map((axis, at) =>
    axis.kind === 'numeric' && at === 0
      ? { ...axis, scores: axis.scores.map((score, bin) => (bin === 2 ? score + 1e-3 : score)) }
      : axis,
  );
  near(first, coreSignature(own, axes));
  assert.throws(() => near(first, coreSignature(own, bent)));
});

const SIGNATURE = z.object({
  pane_start: z.string(),
  segment: z.string(),
  n: z.number(),
  sums: z.array(z.number()),
  products: z.array(z.number()),
  fourier: z.array(z.number()),
});

async function reduce(revision: number): Promise<z.infer<typeof SIGNATURE>[]> {
  const key = { model: 'toy', stream: 'serving', bins_id: 'b' };
  const range = { from: new Date(START), until: new Date(START + 3 * HOUR) };
  const each = axes.map((axis, at) => ({ axis: at + 1, feature: axis.feature, own: axis }));
  await clickhouse.runEach({
    name: 'joint-pane',
    shared: {
      ...key,
      ...range,
      table: 'serving_toy',
      pane_seconds: 3600,
      revision,
      partitions: [],
      first_offsets: [],
      end_offsets: [],
    },
    each: {
      segment: [{ segment: 'colour', segment_name: 'colour' }],
      numeric: each
        .filter(({ own }) => own.kind === 'numeric')
        .map(({ axis, feature }) => ({ axis, feature, feature_name: feature })),
      category: each.flatMap(({ axis, feature, own }) =>
        own.kind === 'indicator' ? [{ place: axis, field: feature, category: own.category }] : [],
      ),
    },
  });
  return clickhouse.rows('joint-signatures', { ...key, ...range }, SIGNATURE);
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
  const bin = { bins_id: 'b', model: 'toy', kind: 'numeric', categories: [], others: [], distinct: 0 };
  await clickhouse.insert(
    'bins',
    Object.entries(EDGES).map(([feature, edges]) => ({ ...bin, feature, edges, mean: null, sd: null })),
  );
  await clickhouse.insert('joint_axes', [
    {
      bins_id: 'b',
      model: 'toy',
      features: axes.map(({ feature }) => feature),
      categories: axes.map((axis) => (axis.kind === 'indicator' ? axis.category : '')),
      scores: axes.map((axis) => (axis.kind === 'numeric' ? axis.scores : [axis.miss, axis.hit])),
      first: fourier.first.map((at) => at + 1),
      second: fourier.second.map((at) => at + 1),
      along_first: fourier.alongFirst,
      along_second: fourier.alongSecond,
      phase: fourier.phase,
    },
  ]);
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
      const gap = Math.abs(value - (b[name][k] ?? Number.NaN));
      assert.ok(gap <= 1e-9 * Math.max(1, a.n), `${name} ${k}: ${value} against ${b[name][k]}`);
    }
  }
}
