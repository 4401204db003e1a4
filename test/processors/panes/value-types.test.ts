import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { countCells, fitReferenceBins, gatherCells } from '../../../processors/backtest/count-cells.ts';
import { inferView } from '../../../processors/backtest/infer-view.ts';
import { sumSignature } from '../../../processors/backtest/sum-signature.ts';
import { cellKey, groupByCell, readPanes } from '../../../processors/detect/references.ts';
import { computePanes, rangeParams } from '../../../processors/panes/compute-panes.ts';
import { fitReference, REFERENCE } from '../../../processors/panes/fit-reference.ts';
import { computeJointPanes, jointBasisOf, storeAxes } from '../../../processors/panes/joint-pane.ts';
import type { ViewedFeature } from '../../../processors/panes/model-view.ts';
import { NO_RANGES, SIGNATURE_ROW } from '../../../processors/panes/rows.ts';
import type { Kind } from '../../../src/core/contract/contract.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { listColumn, numberColumn, type Table, textColumn } from '../../../src/core/windows/column.ts';
import { readTable } from '../../../src/io/files/table/read-table.ts';
import { ownDatabaseAt } from '../../fixtures/own-database.ts';
import { plainView } from '../../fixtures/plain-view.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const ROWS = 4_000;

function featureOf(name: string, kind: Kind, avro: string, domain?: readonly string[]): ViewedFeature {
  const numeric = kind === 'numeric' || kind === 'timestamp';
  const plain = { name, kind, role: 'feature', avro, nullable: kind !== 'embedding' } as const;
  const field = domain === undefined ? plain : { ...plain, domain };
  return { kind: numeric ? 'numeric' : 'categorical', field };
}

/** Far more than one statement is given beside others: some 90,000 characters. */
const LONG_DOMAIN = Array.from({ length: 6_000 }, (_, rank) => `v${rank}`);

const VIEW = plainView({
  features: [
    featureOf('seen', 'timestamp', 'timestamp-millis'),
    featureOf('millis', 'timestamp', 'long'),
    featureOf('born', 'timestamp', 'date'),
    featureOf('note', 'text', 'string', ['', '007', 'abc', 'Zoë']),
    featureOf('vector', 'embedding', 'array<float>'),
    featureOf('few', 'categorical', 'string'),
    featureOf('many', 'categorical', 'string', LONG_DOMAIN),
  ],
  segments: ['few'],
});

const NOTES = [
  '',
  '  N/A ',
  '007',
  '-12.5e3',
  'abc',
  'ABC',
  'Zoe Smith',
  'id_7 b',
  'a.b@c',
  'a\tb\u0001',
  'a\nb',
  'Zoë',
];
const TYPES: Readonly<Record<string, string>> = {
  seen: "Nullable(DateTime64(3, 'UTC'))",
  millis: 'Nullable(Int64)',
  born: 'Nullable(Date32)',
  note: 'Nullable(String)',
  vector: 'Array(Float32)',
  few: 'LowCardinality(Nullable(String))',
  many: 'Nullable(String)',
};

function madeRows(seed: number) {
  const random = seededRandom(seed);
  return Array.from({ length: ROWS }, (_, at) => ({
    at: START + Math.floor((at / ROWS) * DAY),
    seen: random() < 0.1 ? null : START - Math.floor(random() * 900 * DAY),
    millis: random() < 0.1 ? null : Math.floor((random() - 0.3) * 1e12),
    born: Math.floor((random() - 0.5) * 20_000) * DAY,
    note: random() < 0.1 ? null : (NOTES[Math.floor(random() * NOTES.length)] ?? null),
    vector: Array.from({ length: 32 }, (_, place) => Math.round(64 * (random() - 0.4) * (place + 1)) / 64),
    few: ['a', 'b', 'c'][Math.floor(random() * 3)] ?? null,
    // Numbered by rank: a handful often, most once.
    many: `v${Math.floor(100_000 ** random())}`,
  }));
}

test('every kind of value is reduced to bounded cells, with the counts that the core has', async (t) => {
  const { clickhouse, address } = await ownDatabaseAt(t, 'types');
  const [training, serving] = [madeRows(1), madeRows(2)];
  for (const [table, rows] of [
    ['training_m', training],
    ['serving_m', serving],
  ] as const) {
    const columns = Object.entries(TYPES).map(([name, type]) => `${name} ${type}`);
    await clickhouse.statement(`CREATE TABLE ${table} (id String, event_time DateTime64(3, 'UTC'), p Float64 DEFAULT 0.5, ${columns.join(', ')},
      _partition Int32, _offset Int64)
      ENGINE = ReplacingMergeTree ORDER BY (toStartOfHour(event_time), _partition, _offset)`);
    await clickhouse.insert(table, rows.map(stored));
  }
  await t.test('a Parquet file of the rows has the lists', async () => {
    const query = `SELECT vector, few FROM ${address.database}.serving_m ORDER BY _offset FORMAT Parquet`;
    const answer = await fetch(`${address.url}/?query=${encodeURIComponent(query)}`, {
      headers: { 'x-clickhouse-user': address.username, 'x-clickhouse-key': address.password },
    });
    const directory = mkdtempSync(join(tmpdir(), 'driftwatch-types-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    const path = join(directory, 'rows.parquet');
    writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
    const { table, leftOut } = await readTable(path);
    assert.deepEqual([table.rows, leftOut], [ROWS, []]);
    const list = table.columns.get('vector')?.list ?? assert.fail('no lists');
    for (const at of [0, 1, ROWS - 1]) assert.deepEqual(Array.from(list(at)), serving[at]?.vector);
    const { view } = inferView({ table, features: [], segments: [], leave: [] });
    assert.deepEqual(
      view.features.map(({ field }) => [field.name, field.kind]),
      [
        ['vector', 'embedding'],
        ['few', 'categorical'],
      ],
    );
  });
  const window = { clickhouse, view: VIEW, version: 'v1', fromMs: START, untilMs: START + DAY, paneMs: DAY };
  const { id } = await fitReference({ ...window, ranges: NO_RANGES, rows: ROWS });
  await computePanes({
    ...window,
    table: 'serving_m',
    stream: 'serving',
    binsIds: [id],
    revision: 0,
    streamTimeMs: START + DAY,
  });

  const windows = (rows: ReturnType<typeof madeRows>) => {
    const all = rows.map((_, at) => at);
    const segments = new Map([['', all]]);
    for (const value of ['a', 'b', 'c'])
      segments.set(
        `few=${value}`,
        all.filter((at) => rows[at]?.few === value),
      );
    return [{ startMs: START, endMs: START + DAY, rows: all, segments }];
  };
  const bins = fitReferenceBins({ table: tableOf(training), view: VIEW, windows: windows(training) });
  for (const [stream, rows] of [
    [REFERENCE, training],
    ['serving', serving],
  ] as const) {
    const read = { clickhouse, model: 'm', stream, binsId: id, fromMs: START, untilMs: START + DAY };
    const panes = await readPanes(read);
    const cells = groupByCell(panes);
    const core = gatherCells(countCells({ table: tableOf(rows), view: VIEW, bins, windows: windows(rows) }));
    assert.deepEqual([...cells.keys()].sort(), [...core.keys()].sort());
    for (const [key, [window]] of core) {
      const {
        pane_start: _at,
        segment: _segment,
        feature: _feature,
        distinct,
        ...pane
      } = panes.find(({ feature, segment }) => `${feature}\u0000${segment}` === key) ?? {};
      // Of numbers nothing is decided by it.
      const counted = window?.pane.distinct === undefined ? {} : { distinct };
      assert.deepEqual({ ...pane, ...counted }, window?.pane, key);
    }

    const joint = jointBasisOf({
      view: VIEW,
      bins,
      panesOf: (feature) => (core.get(cellKey(feature, '')) ?? []).map(({ pane }) => pane),
    });
    assert.ok(joint !== undefined);
    assert.ok(joint.axes.some(({ feature }) => feature === 'vector:first'));
    const all = { model: 'm', stream, from: new Date(START), until: new Date(START + DAY) };
    await storeAxes({ clickhouse, model: 'm', binsId: `joint-${stream}`, basis: joint });
    const table = stream === REFERENCE ? 'training_m' : 'serving_m';
    await computeJointPanes({
      clickhouse,
      view: VIEW,
      axes: { binsId: `joint-${stream}`, basis: joint },
      shared: { ...all, table, pane_seconds: DAY / 1_000, revision: 0, ...rangeParams(NO_RANGES) },
    });
    await clickhouse.insert('pane_revisions', [
      {
        model: 'm',
        stream,
        bins_id: `joint-${stream}`,
        pane_start: new Date(START).toISOString(),
        pane_end: new Date(START + DAY).toISOString(),
        revision: 0,
      },
    ]);
    const [summed] = await clickhouse.rows(
      'joint-signatures',
      { ...all, bins_id: `joint-${stream}` },
      SIGNATURE_ROW,
    );
    const own = sumSignature({
      table: tableOf(rows),
      view: VIEW,
      basis: joint,
      rows: rows.map((_, at) => at),
    });
    assert.deepEqual(summed?.sums, own.sums);
    assert.deepEqual(summed.products, own.products);

    // Seven values of a size: the cells stay small whatever the cardinality, and the count of values is a series.
    const whole = panes.filter(({ segment }) => segment === '');
    const cell = (name: string) => whole.find(({ feature }) => feature === name);
    assert.ok(
      whole.every(({ codes }) => codes.length <= 26),
      'at most 24 categories, other and missing or unseen',
    );
    const distinct = (read: (row: (typeof rows)[number]) => unknown) =>
      new Set(rows.map(read).filter((value) => value !== null)).size;
    assert.equal(cell('few')?.distinct, 3);
    assert.equal(
      cell('many')?.distinct,
      distinct(({ many }) => many),
    );
    assert.ok((cell('many')?.distinct ?? 0) > 1_000);
    const outside = rows.filter(({ many }) => Number(many.slice(1)) >= LONG_DOMAIN.length);
    assert.ok(outside.length > 0);
    assert.equal(cell('many')?.unexpected, outside.length);
    assert.equal(cell('note')?.unexpectedValues.length, 8);
    assert.equal(cell('seen:hour')?.distinct, 24);
    assert.equal(cell('seen:weekday')?.distinct, 7);
    assert.equal(cell('vector:size')?.minimum, 32);
    const norms = rows.map(({ vector }) => Math.hypot(...vector));
    near(cell('vector:norm')?.total, sum(norms));
    near(cell('vector:mean')?.total, sum(rows.map(({ vector }, at) => sum(vector) / (norms[at] ?? 1))));
    const third = rows.map(
      ({ vector }, at) => sum(vector.map((x, place) => (parity(place & 27) ? -x : x))) / (norms[at] ?? 1),
    );
    near(cell('vector:third')?.total, sum(third));
  }
  assert.equal(
    [...bins.values()].filter((own) => own.kind === 'categorical' && own.categories.length > 24).length,
    0,
  );
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function parity(bits: number): boolean {
  return [...bits.toString(2)].filter((bit) => bit === '1').length % 2 === 1;
}

function near(value: number | undefined, expected: number): void {
  assert.ok(Math.abs((value ?? Number.NaN) - expected) <= 1e-9 * ROWS, `${value} against ${expected}`);
}

function stored(row: ReturnType<typeof madeRows>[number], at: number): Record<string, unknown> {
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    ...row,
    at: undefined,
    id: `e${at}`,
    event_time: iso(row.at),
    seen: iso(row.seen),
    born: iso(row.born)?.slice(0, 10),
    _partition: 0,
    _offset: at,
  };
}

function tableOf(rows: ReturnType<typeof madeRows>): Table {
  const numbers = (name: 'seen' | 'millis' | 'born' | 'at', form: 'number' | 'time') =>
    numberColumn({
      name: name === 'at' ? 'event_time' : name,
      form,
      values: rows.map((row) => row[name] ?? 0),
      missing: rows.map((row) => (row[name] === null ? 1 : 0)),
    });
  const texts = (name: 'note' | 'few' | 'many') => {
    const all = [...new Set(rows.map((row) => row[name] ?? ''))];
    const codes = rows.map((row) => (row[name] === null ? -1 : all.indexOf(row[name])));
    return textColumn({ name, codes, texts: all });
  };
  const columns = [
    numbers('at', 'time'),
    numbers('seen', 'time'),
    numbers('millis', 'number'),
    numbers('born', 'time'),
    texts('note'),
    texts('few'),
    texts('many'),
    listColumn({
      name: 'vector',
      items: Float64Array.from(rows.flatMap(({ vector }) => vector)),
      starts: rows.map((_, at) => 32 * at),
      sizes: rows.map(() => 32),
    }),
  ];
  return { rows: rows.length, columns: new Map(columns.map((column) => [column.name, column])) };
}
