import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '@clickhouse/client';
import { z } from 'zod';
import type { ValueRules } from '../../../src/core/contract/value-rules.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { type Column, numberColumn, textColumn } from '../../../src/core/windows/column.ts';
import { fitWindowBins } from '../../../src/core/windows/fit-window-bins.ts';
import { reduceColumn } from '../../../src/core/windows/reduce-column.ts';
import { ownDatabaseAt } from '../../fixtures/own-database.ts';

const ROWS = 6_000;
const PANE = z.object({
  segment: z.string(),
  n: z.coerce.number(),
  codes: z.array(z.number()),
  counts: z.array(z.coerce.number()),
  finite: z.coerce.number(),
  total: z.number(),
  squares: z.number(),
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  below: z.coerce.number().nullable(),
  above: z.coerce.number().nullable(),
  unexpected: z.coerce.number().nullable(),
  unexpectedValues: z.array(z.tuple([z.string(), z.coerce.number()])),
});

/** Numbers over 60 powers of ten, with nulls, NaN, infinities, ties, zeros and the largest and smallest doubles. */
function numbers(): { values: Float64Array; missing: Uint8Array } {
  const random = seededRandom(3);
  const special = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    1,
    1,
    0.1,
    1.7e308,
    -5e-324,
  ];
  const values = Float64Array.from({ length: ROWS }, (_, row) =>
    row % 5 === 0
      ? (special[(row / 5) % special.length] ?? 0)
      : (random() - 0.5) * 10 ** (60 * random() - 30),
  );
  return { values, missing: Uint8Array.from(values, () => (random() < 0.03 ? 1 : 0)) };
}

/** 60 texts of growing rarity: more than the bins hold, ties in frequency, text that sorts differently in UTF-16. */
function texts(): { codes: Int32Array; names: string[] } {
  const random = seededRandom(4);
  const special = new Map([
    [1, "it's"],
    [3, 'a\\b'],
    [4, ''],
    [7, '\u{1F600}'],
    [8, '\uFF21'],
    [5, `${'\u{1F600}'.repeat(40)}${'long'.repeat(20)}`],
  ]);
  const names = Array.from({ length: 60 }, (_, i) => special.get(i) ?? `v${i}`);
  const codes = Int32Array.from({ length: ROWS }, () =>
    random() < 0.05 ? -1 : Math.floor(60 * random() ** 3),
  );
  return { codes, names };
}

test('the reduction over a table gives exactly the bins, counts and sums that the database gives', async (t) => {
  const { clickhouse, address } = await ownDatabaseAt(t, 'panes');
  const { values, missing } = numbers();
  const { codes, names } = texts();
  const x = numberColumn({ name: 'x', form: 'number', values, missing });
  const c = textColumn({ name: 'c', codes, texts: names });
  await clickhouse.statement(
    `CREATE TABLE raw (event_time DateTime64(3, 'UTC'), x Nullable(Float64), c Nullable(String), g String, _partition Int32, _offset Int64)
     ENGINE = ReplacingMergeTree ORDER BY (_partition, _offset)`,
  );
  // In another order than the file's: sums must not depend on it.
  const order = Array.from({ length: ROWS }, (_, row) => (row * 3571) % ROWS);
  await clickhouse.insert(
    'raw',
    order.map((row, at) => ({
      event_time: new Date(Date.UTC(2024, 0, 1) + 1000 * row).toISOString(),
      x:
        x.number(row) === null
          ? null
          : String(x.number(row)).replace('Infinity', 'inf').replace('NaN', 'nan'),
      c: c.text(row),
      g: row % 3 === 0 ? 'a' : 'b',
      _partition: at % 3,
      _offset: at,
    })),
  );
  const shared = {
    model: 'm',
    stream: 'serving',
    bins_id: 'b',
    table: 'raw',
    from: new Date(Date.UTC(2024, 0, 1)),
    until: new Date(Date.UTC(2024, 0, 2)),
    pane_seconds: 86_400,
    revision: 0,
    partitions: [],
    first_offsets: [],
    end_offsets: [],
  };
  const each = (name: string) => ({
    feature: [{ feature: name }],
    named: [{ feature: name, feature_name: name }],
    segment: [{ segment: 'g', segment_name: 'g' }],
  });
  const reader = createClient(address);
  t.after(() => reader.close());
  const ask = async (query: string): Promise<unknown> =>
    (
      await reader.query({
        query,
        format: 'JSONEachRow',
        clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
      })
    ).json();

  const rows = Array.from({ length: ROWS }, (_, row) => row);
  const segments: readonly [string, number[]][] = [
    ['', rows],
    ['g=a', rows.filter((row) => row % 3 === 0)],
    ['g=b', rows.filter((row) => row % 3 !== 0)],
  ];
  const domain = ['v0', 'v2', '\u{1F600}', "it's", 'a\\b'];
  for (const [kind, column, rules, sentRules] of [
    ['numeric', x, { min: 0.1 }, { lows: [0.1], highs: [null] }],
    ['categorical', c, { domain }, { domains: [domain] }],
  ] as const satisfies [string, Column, ValueRules, object][]) {
    await t.test(kind, async () => {
      const top = kind === 'categorical' ? { top: 20 } : {};
      await clickhouse.runEach({
        name: `fit-bins-${kind}`,
        shared: { ...shared, ...top },
        each: each(column.name),
      });
      await clickhouse.runEach({
        name: `pane-${kind}`,
        shared: { ...shared, bins_ids: ['b', 'not fitted'], features: [column.name], ...sentRules },
        each: each(column.name),
      });
      const bins = fitWindowBins({ kind, column, rows });
      const [stored] = z
        .array(
          z.object({
            edges: z.array(z.number()),
            categories: z.array(z.string()),
            others: z.array(z.string()),
          }),
        )
        .parse(
          await ask(`SELECT edges, categories, others FROM bins FINAL WHERE feature = '${column.name}'`),
        );
      if (bins.kind === 'numeric') assert.deepEqual(stored?.edges, bins.edges);
      else assert.deepEqual([stored?.categories, stored?.others], [bins.categories, bins.others]);
      // Of numbers the different values are not counted in memory.
      const pane = kind === 'numeric' ? PANE : PANE.extend({ distinct: z.coerce.number() });
      const panes = z
        .array(pane)
        .parse(
          await ask(
            `SELECT *, unexpected_values AS unexpectedValues FROM panes FINAL WHERE feature = '${column.name}' AND bins_id = 'b' ORDER BY segment`,
          ),
        );
      const expected = segments.map(([segment, own]) => ({
        segment,
        ...reduceColumn({ column, rows: own, bins, rules }),
      }));
      assert.deepEqual(panes, expected);
    });
  }
});
