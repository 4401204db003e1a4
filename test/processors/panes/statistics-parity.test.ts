import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { readPanes } from '../../../processors/detect/references.ts';
import { computePanes } from '../../../processors/panes/compute-panes.ts';
import { fitReference, REFERENCE } from '../../../processors/panes/fit-reference.ts';
import { NO_RANGES, type PaneRow } from '../../../processors/panes/rows.ts';
import { type Random, seededRandom } from '../../../src/core/random.ts';
import { type BinCounts, CODES, type Result } from '../../../src/core/statistic.ts';
import { binnedKolmogorovSmirnov } from '../../../src/core/statistics/binned-kolmogorov-smirnov.ts';
import { binnedWasserstein } from '../../../src/core/statistics/binned-wasserstein.ts';
import { STATISTICS } from '../../../src/core/statistics/index.ts';
import { kolmogorovSmirnov } from '../../../src/core/statistics/kolmogorov-smirnov.ts';
import { missingRate } from '../../../src/core/statistics/missing-rate.ts';
import { unseenRate } from '../../../src/core/statistics/unseen-rate.ts';
import { wasserstein } from '../../../src/core/statistics/wasserstein.ts';
import { coder } from '../../../src/core/summaries/bins.ts';
import { countCodes } from '../../../src/core/summaries/counts.ts';
import { momentsOf, varianceOf } from '../../../src/core/summaries/moments.ts';
import { numberColumn, textColumn } from '../../../src/core/windows/column.ts';
import { fitWindowBins } from '../../../src/core/windows/fit-window-bins.ts';
import { ownDatabase } from '../../fixtures/own-database.ts';
import { plainView } from '../../fixtures/plain-view.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const VIEW = plainView({
  features: [
    {
      kind: 'numeric',
      field: { name: 'x', kind: 'numeric', role: 'feature', avro: 'double', nullable: true },
    },
    {
      kind: 'categorical',
      field: { name: 'c', kind: 'categorical', role: 'feature', avro: 'string', nullable: true },
    },
  ],
});

interface Row {
  readonly x: number | null;
  readonly c: string | null;
}

/** A skewed number with ties, missing values and NaN, and a category of 20,000 values by rank. */
function madeRows(random: Random, rows: number, shift: number): Row[] {
  return Array.from({ length: rows }, () => {
    const drawn = Math.exp(
      1 + shift + 0.8 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
    );
    const x = random() < 0.04 ? null : random() < 0.02 ? Number.NaN : Math.round(100 * drawn) / 100;
    return { x, c: random() < 0.03 ? null : `v${Math.floor(20_000 ** random() + 30 * shift)}` };
  });
}

test('statistics from the counts of ClickHouse are those of the rows, within the resolution that binned ones state', async (t) => {
  const clickhouse = await ownDatabase(t, 'parity');
  const random = seededRandom(11);
  const [reference, current] = [madeRows(random, 20_000, 0), madeRows(random, 15_000, 0.15)];
  for (const [table, rows] of [
    ['training_m', reference],
    ['serving_m', current],
  ] as const) {
    await clickhouse.statement(`CREATE TABLE ${table} (event_time DateTime64(3, 'UTC'), x Nullable(Float64), p Float64 DEFAULT 0.5, c Nullable(String),
      _partition Int32, _offset Int64) ENGINE = ReplacingMergeTree ORDER BY (_partition, _offset)`);
    await clickhouse.insert(
      table,
      rows.map(({ x, c }, at) => ({
        event_time: new Date(START + at).toISOString(),
        x: x !== null && Number.isNaN(x) ? 'nan' : x,
        c,
        _partition: at % 3,
        _offset: at,
      })),
    );
  }
  const window = { clickhouse, view: VIEW, version: 'v1', fromMs: START, untilMs: START + DAY, paneMs: DAY };
  const { id } = await fitReference({ ...window, ranges: NO_RANGES, rows: reference.length });
  const serving = {
    table: 'serving_m',
    stream: 'serving',
    binsIds: [id],
    revision: 0,
    streamTimeMs: START + DAY,
  };
  await computePanes({ ...window, ...serving });
  const read = { clickhouse, model: 'm', binsId: id, fromMs: START, untilMs: START + DAY };
  const panes: Readonly<Record<string, readonly PaneRow[]>> = {
    [REFERENCE]: await readPanes({ ...read, stream: REFERENCE }),
    serving: await readPanes({ ...read, stream: 'serving' }),
  };
  const pane = (stream: string, feature: string): PaneRow => {
    const found = panes[stream]?.find((row) => row.feature === feature);
    assert.ok(found !== undefined);
    return found;
  };
  const counts = (stream: string, feature: string): BinCounts => {
    const { codes, counts: rows } = pane(stream, feature);
    return { codes, counts: rows };
  };

  // The same bins and the same counts from the rows in memory, and every statistic that reads bins.
  const column = (rows: readonly Row[], name: 'x' | 'c') => {
    if (name === 'x')
      return numberColumn({
        name,
        form: 'number',
        values: rows.map(({ x }) => x ?? 0),
        missing: rows.map(({ x }) => (x === null ? 1 : 0)),
      });
    const texts = [...new Set(rows.flatMap(({ c }) => c ?? []))];
    const codes = new Map(texts.map((text, at) => [text, at]));
    return textColumn({ name, codes: rows.map(({ c }) => (c === null ? -1 : (codes.get(c) ?? -1))), texts });
  };
  const places = reference.map((_, at) => at);
  let [compared, differing] = [0, 0];
  for (const name of ['x', 'c'] as const) {
    const kind = name === 'x' ? 'numeric' : 'categorical';
    const code = coder(fitWindowBins({ kind, column: column(reference, name), rows: places }));
    const own = (rows: readonly Row[]) => countCodes(rows.map((row) => code(row[name])));
    const stored = [counts(REFERENCE, name), counts('serving', name)] as const;
    assert.deepEqual(stored, [own(reference), own(current)]);
    for (const statistic of STATISTICS.filter(({ accepts }) => accepts.some((form) => form === 'counts'))) {
      const of = (a: BinCounts, b: BinCounts) =>
        statistic.compare({
          reference: { form: 'counts', counts: a },
          current: { form: 'counts', counts: b },
        });
      const fromStored = of(stored[0], stored[1]);
      assert.deepEqual(fromStored, of(own(reference), own(current)), statistic.name);
      compared += fromStored.status === 'ok' ? 1 : 0;
      // The comparison sees one row in another bin.
      const moved = stored[1].counts.map((rows, at) => rows + (at === 0 ? 1 : at === 3 ? -1 : 0));
      const bent = of(stored[0], { codes: stored[1].codes, counts: moved });
      differing += isDeepStrictEqual(fromStored, bent) ? 0 : 1;
    }
  }
  assert.ok(compared >= 20, `${compared} statistics were compared`);
  assert.ok(differing >= 14, `${differing} would have shown one row in another bin`);

  const numbers = (rows: readonly Row[]) => rows.map(({ x }) => x);
  const [exact, binned] = [
    kolmogorovSmirnov(numbers(reference), numbers(current)),
    binnedKolmogorovSmirnov(counts(REFERENCE, 'x'), counts('serving', 'x')),
  ];
  within({ binned, exact, oneSided: true, most: 0.1 });

  const [edges] = await clickhouse.rows(
    'dashboard-bins',
    { bins_id: id, model: 'm', feature: 'x' },
    z.looseObject({ edges: z.array(z.number()) }),
  );
  const [a, b] = [pane(REFERENCE, 'x'), pane('serving', 'x')];
  const moved = binnedWasserstein({
    reference: counts(REFERENCE, 'x'),
    current: counts('serving', 'x'),
    edges: edges?.edges ?? [],
    minimum: Math.min(a.minimum ?? 0, b.minimum ?? 0),
    maximum: Math.max(a.maximum ?? 0, b.maximum ?? 0),
  });
  within({
    binned: moved,
    exact: wasserstein(numbers(reference), numbers(current)),
    oneSided: false,
    most: 10,
  });

  const of = (rows: readonly Row[]) => ({ form: 'numbers', values: numbers(rows) }) as const;
  const stored = (stream: string, name: string) =>
    ({ form: 'counts', counts: counts(stream, name) }) as const;
  assert.deepEqual(
    missingRate({ reference: stored(REFERENCE, 'x'), current: stored('serving', 'x') }),
    missingRate({ reference: of(reference), current: of(current) }),
  );
  const known = new Set(reference.map(({ c }) => c));
  const present = current.filter(({ c }) => c !== null);
  const unseen = unseenRate({ reference: stored(REFERENCE, 'c'), current: stored('serving', 'c') });
  assert.ok(unseen.status === 'ok');
  assert.equal(unseen.value, present.filter(({ c }) => !known.has(c)).length / present.length);
  assert.ok(counts('serving', 'c').codes.includes(CODES.unseen));
  assert.equal(pane('serving', 'c').distinct, new Set(present.map(({ c }) => c)).size);

  const finite = numbers(current).filter((x) => x !== null && Number.isFinite(x));
  const moments = momentsOf(finite.flatMap((x) => x ?? []));
  const { finite: n, total, squares } = b;
  assert.equal(n, moments.n);
  assert.ok(Math.abs(total / n - moments.mean) <= 1e-12 * Math.abs(moments.mean));
  const variance = (squares - (total * total) / n) / (n - 1);
  assert.ok(Math.abs(variance / (varianceOf(moments) ?? Number.NaN) - 1) <= 1e-9);
});

/** A binned value is off by no more than it says, and says something. */
function within(args: { binned: Result; exact: Result; oneSided: boolean; most: number }): void {
  const { binned, exact, oneSided, most } = args;
  assert.ok(binned.status === 'ok' && exact.status === 'ok');
  const resolution = binned.details?.['resolution'] ?? Number.NaN;
  assert.ok(resolution > 0 && resolution < most, `a resolution of ${resolution}`);
  const gap = exact.value - binned.value;
  assert.ok(
    Math.abs(gap) <= resolution + 1e-12,
    `${binned.value} and ${exact.value}, resolution ${resolution}`,
  );
  if (oneSided) assert.ok(gap >= -1e-12);
}
