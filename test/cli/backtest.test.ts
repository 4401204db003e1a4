import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Random, seededRandom } from '../../src/core/random.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'driftwatch-backtest-'));
after(() => rmSync(home, { recursive: true, force: true }));

const VERDICT = z.object({
  window: z.union([z.number(), z.string()]),
  feature: z.string(),
  statistic: z.string(),
  value: z.number().nullable(),
  p: z.number().nullable(),
  effect: z.number().nullable(),
  verdict: z.enum(['ok', 'drift', 'insufficient', 'no-reference']),
});
const TOTALS = z.object({
  windows: z.number(),
  features: z.number(),
  drift: z.number(),
  ok: z.number(),
  insufficient: z.number(),
  pages: z.number(),
  expected_false_pages: z.number(),
  budget: z.object({ false_pages: z.number(), per: z.string() }),
});

function backtest(...args: readonly string[]) {
  const child = spawnSync(process.execPath, [MAIN, 'backtest', ...args], { encoding: 'utf8' });
  const lines = child.stdout
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): unknown => JSON.parse(line));
  return { status: child.status, stderr: child.stderr, stdout: child.stdout, lines };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Rows of one hour each 36 seconds: x moves by `shift` from the row `from` on, k and c stay. */
function csv(name: string, args: { rows: number; seed: number; shift?: number; from?: number }): string {
  const random = seededRandom(args.seed);
  const lines = ['id,at,x,k,c'];
  for (let row = 0; row < args.rows; row += 1) {
    const moved = row >= (args.from ?? 0) ? (args.shift ?? 0) : 0;
    const at = new Date(Date.UTC(2024, 0, 1) + row * 36_000).toISOString();
    const c = random() < 0.7 ? 'red' : 'blue';
    lines.push([`row-${name}-${row}`, at, normal(random) + moved, Math.floor(4 * random()), c].join(','));
  }
  const path = join(home, `${name}.csv`);
  writeFileSync(path, lines.join('\n'));
  return path;
}

const reference = csv('reference', { rows: 10_000, seed: 1 });
const quiet = csv('quiet', { rows: 4_000, seed: 2 });
const shifted = csv('shifted', { rows: 4_000, seed: 3, shift: 1, from: 2_000 });

test('one verdict per window and feature, then totals that add up', () => {
  const { status, lines, stderr } = backtest(
    '--reference',
    reference,
    '--current',
    shifted,
    '--window',
    '500',
    '--json',
  );
  assert.equal(status, 0, stderr);
  const verdicts = lines.slice(1, -1).map((line) => VERDICT.parse(line));
  const totals = TOTALS.parse(lines.at(-1));
  assert.deepEqual([totals.windows, totals.features], [8, 3]);
  assert.equal(verdicts.length, 24);
  assert.equal(totals.drift + totals.ok + totals.insufficient, 24);
  assert.equal(totals.drift, verdicts.filter(({ verdict }) => verdict === 'drift').length);
  assert.equal(totals.pages, 1);
  const first = verdicts.find(({ verdict }) => verdict === 'drift');
  assert.deepEqual([first?.feature, first?.window], ['x', 4], 'the shift begins with window 4');
  assert.ok(verdicts.every(({ feature, verdict }) => feature === 'x' || verdict === 'ok'));
  assert.match(stderr, /Left out id/);
});

test('rows without a change page nobody', () => {
  const { lines } = backtest('--reference', reference, '--current', quiet, '--window', '500', '--json');
  assert.equal(TOTALS.parse(lines.at(-1)).pages, 0);
});

test('a quarter of a standard deviation shows in the first window when the reference looks independent', () => {
  const moved = csv('quarter', { rows: 2_000, seed: 4, shift: 0.25 });
  const run = (...rows: readonly string[]) => {
    const files = ['--reference', reference, '--current', moved, '--features', 'x', '--window', '1000'];
    const { lines, stderr } = backtest(...files, ...rows, '--json');
    const [first] = lines.flatMap((line) => VERDICT.safeParse(line).data ?? []);
    return { stderr, first: first ?? assert.fail('no verdict') };
  };
  const told = run();
  assert.match(told.stderr, /Rows are taken for independent: windows of the reference vary/);
  assert.equal(told.first.verdict, 'drift');
  assert.ok((told.first.p ?? 1) < 1e-6, `${told.first.p}`);
  assert.deepEqual(run('--rows', 'independent').first, told.first);
  const careful = run('--rows', 'dependent');
  assert.match(careful.stderr, /Rows are taken for dependent/);
  // Ten windows say too little about how much windows differ.
  assert.ok((careful.first.p ?? 0) > 1e-5, `${careful.first.p}`);
});

test('windows of time, segments, chosen features', () => {
  const { status, lines, stderr } = backtest(
    ...[
      '--reference',
      reference,
      '--current',
      shifted,
      '--time',
      'at',
      '--window',
      '6h',
      '--minimum-rows',
      '100',
    ],
    ...['--features', 'x', '--segment', 'c', '--json'],
  );
  assert.equal(status, 0, stderr);
  const verdicts = lines.slice(1, -1).map((line) => VERDICT.extend({ segment: z.string() }).parse(line));
  assert.deepEqual(new Set(verdicts.map(({ segment }) => segment)), new Set(['', 'c=red', 'c=blue']));
  assert.equal(verdicts[0]?.window, '2024-01-01T00:00:00.000Z');
});

test('the detection curve falls with the share of rows that have the fault, and the seed decides it', () => {
  const run = (seed: string) =>
    backtest(
      ...[
        '--reference',
        reference,
        '--current',
        quiet,
        '--window',
        '500',
        '--inject',
        'unit:x:0.3',
        '--from',
        '3',
      ],
      ...['--seed', seed, '--json'],
    );
  const { lines, status, stderr } = run('5');
  assert.equal(status, 0, stderr);
  const curve = z
    .array(z.object({ share: z.number(), windows_until_found: z.number().nullable() }))
    .parse(lines.slice(1));
  assert.deepEqual(
    curve.map(({ share }) => share),
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1],
  );
  const found = curve.map((point) => point.windows_until_found ?? Number.POSITIVE_INFINITY);
  assert.deepEqual(
    found,
    found.toSorted((a, b) => b - a),
  );
  assert.equal(found.at(-1), 1);
  assert.equal(run('5').stdout, run('5').stdout);
});

const CONFIG = `
budget: { false_pages: 1, per: 30d }
models:
  toy: { pane: 6h, season: none, trailing: 20, minimum_rows: 100, minimum_windows: 8, group_within: 12h }
`;

test('a configuration over one file: pages with their time; status 3 when they exceed the budget', () => {
  const config = join(home, 'driftwatch.yaml');
  writeFileSync(config, CONFIG);
  const moving = csv('moving', { rows: 30_000, seed: 9, shift: 2, from: 15_000 });
  const data = ['--data', moving, '--time', 'at', '--features', 'x,k,c'];
  const within = backtest('--config', config, ...data, '--json');
  assert.equal(within.status, 0, within.stderr);
  const page = z
    .object({ page: z.string(), at: z.string(), features: z.array(z.string()) })
    .parse(within.lines.at(-2));
  assert.deepEqual(page.features, ['x']);
  assert.equal(page.at.slice(0, 10), '2024-01-07', 'row 15,000 is on 7 January');

  const tight = join(home, 'tight.yaml');
  writeFileSync(tight, CONFIG.replace('false_pages: 1', 'false_pages: 0.5'));
  const over = backtest('--config', tight, ...data);
  assert.equal(over.status, 3, over.stderr);
  assert.match(over.stderr, /1 pages are to be expected per 30d and the budget is 0.5/);
  const known = backtest('--config', tight, ...data, '--known', '2024-01-07/2024-01-08');
  assert.equal(known.status, 0, known.stderr);
});

for (const [what, args, expected] of [
  ['nothing to do', [], /nothing to replay/],
  ['half a history', ['--from', '2024-01-01'], /nothing to replay/],
  [
    'a missing file',
    ['--reference', join(home, 'no'), '--current', quiet, '--window', '5'],
    /Could not open/,
  ],
  ['no window', ['--reference', reference, '--current', quiet], /belong together/],
  [
    'an unknown column',
    ['--reference', reference, '--current', quiet, '--window', '5', '--features', 'u'],
    /no column u/,
  ],
  ['a duration without a time', ['--reference', reference, '--current', quiet, '--window', '1d'], /--time/],
  [
    'a text as the time',
    ['--reference', reference, '--current', quiet, '--window', '1d', '--time', 'c'],
    /not times/,
  ],
  [
    'a wrong fault',
    ['--reference', reference, '--current', quiet, '--window', '500', '--inject', 'melt:x:0.1'],
    /begins with one of/,
  ],
] as const) {
  test(`${what} is refused with a sentence and status 1`, () => {
    const { status, stderr } = backtest(...args);
    assert.equal(status, 1);
    assert.match(stderr, expected);
    assert.doesNotMatch(stderr, /\n\s+at /, 'no stack');
  });
}
