import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const RATE = z.object({
  share: z.number(),
  low: z.number(),
  high: z.number(),
  hits: z.number(),
  n: z.number(),
});
const BENCH = z.object({
  bench: z.string(),
  settings: z.record(z.string(), z.union([z.string(), z.number()])),
  rows: z.array(z.record(z.string(), z.union([RATE, z.string(), z.number()]))),
});

test('bench joint finds the correlation, flags nothing without a change, and repeats itself on a seed', () => {
  const flags = ['--live', '--seed', '5', '--references', '1', '--quiet', '6', '--windows', '6', '--json'];
  const text = bench('joint', ...flags);
  const { rows } = BENCH.parse(JSON.parse(text));
  const changed = rows.find(({ change }) => change === 'correlation 0.3');
  assert.equal(hits(changed?.['drift (with floor)']), 6);
  for (const row of rows.filter(({ change }) => change === 'no change')) {
    assert.equal(hits(row['drift (with floor)']), 0);
  }
  assert.equal(bench('joint', ...flags), text);
});

test('bench concept gives every kind of change its own verdict', () => {
  const { rows } = BENCH.parse(JSON.parse(bench('concept', '--seed', '3', '--runs', '1', '--json')));
  const verdict = (scenario: string, name: string): number =>
    hits(rows.find((row) => row['scenario'] === scenario && row['m'] === 3_000)?.[name]);
  assert.equal(verdict('none', 'none'), 1);
  assert.equal(verdict('covariate drift', 'covariate drift'), 1);
  assert.equal(verdict('label shift', 'label shift'), 1);
  assert.equal(verdict('changed coefficients', 'change of P(y|x)'), 1);
  assert.equal(verdict('strong covariate drift', 'insufficient: overlap'), 1);
});

test('bench distinct prints every world and all together', () => {
  const { rows } = BENCH.parse(JSON.parse(bench('distinct', '--seed', '2', '--runs', '1', '--json')));
  const all = rows.find(({ values }) => values === 'all');
  const worlds = rows.filter((row) => row !== all);
  assert.equal(
    worlds.reduce((sum, row) => sum + RATE.parse(row['beyond 3']).n, 0),
    RATE.parse(all?.['beyond 3']).n,
  );
  for (const row of worlds) assert.ok(Number(row['sd']) < 1.1, JSON.stringify(row));
});

test('bench cbpe prints each year with its realised and estimated figures', () => {
  const { rows } = BENCH.parse(JSON.parse(bench('cbpe', '--seed', '0', '--json')));
  assert.deepEqual(
    rows.map(({ year }) => year),
    [2015, 2016, 2017, 2018],
  );
  for (const row of rows) {
    for (const name of ['accuracy in band', 'log-loss in counted band']) {
      const rate = RATE.parse(row[name]);
      assert.ok(rate.share >= 0.95 && rate.n >= 68, JSON.stringify(rate));
    }
    assert.ok(Math.abs(Number(row['accuracy counted difference'])) < 0.003);
  }
});

test('bench training holds the seven classes against what LightGBM reached on the same rows', () => {
  const { rows } = BENCH.parse(JSON.parse(bench('training', '--only', 'covertype-like', '--json')));
  const [row] = rows;
  assert.equal(row?.['n'], 4000);
  assert.ok(Number(row?.['AUC minus LightGBM']) > -0.01, JSON.stringify(row));
  assert.ok(Number(row?.['log-loss minus LightGBM']) < 0.01, JSON.stringify(row));
});

function bench(...args: readonly string[]): string {
  return execFileSync(process.execPath, [MAIN, 'bench', ...args], { encoding: 'utf8' });
}

function hits(value: unknown): number {
  return RATE.parse(value).hits;
}
