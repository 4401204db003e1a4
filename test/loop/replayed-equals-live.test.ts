import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClient } from '@clickhouse/client';
import { z } from 'zod';
import { ESTIMATED_LOG_LOSS } from '../../processors/detect/estimate-performance.ts';
import { DATA_SKEW_CLASSES } from '../../src/core/contract/judge-data.ts';
import { seededRandom } from '../../src/core/random.ts';
import { stack, uniqueName } from '../fixtures/stack.ts';
import { HOUR, START, TOY_SCHEMAS, type ToyRow, TRAINING_HOURS, within } from '../fixtures/toy.ts';
import { openToyLoop } from '../fixtures/toy-loop.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const PLANT = new URL('../fixtures/plant-closed-bins.ts', import.meta.url).href;
const RULES: ReadonlySet<string> = new Set(DATA_SKEW_CLASSES);
const number = z.number().nullable();
const LEDGER = z.object({
  model: z.string(),
  stage: z.string(),
  windows: z.coerce.number(),
  budget: z.number(),
  expected: z.number(),
  spent: z.number(),
});
const TOTALS = z.object({ expected_false_pages: z.number() });
const PAGE = z.object({
  page: z.string(),
  kind: z.string(),
  change: z.string().optional(),
  cost: z.object({ status: z.literal('ok'), nats: z.number(), basis: z.string(), n: z.number().positive() }),
});
const LIVE = z.object({
  kind: z.string(),
  window: z.string().transform((text) => new Date(text).toISOString()),
  feature: z.string(),
  segment: z.string(),
  statistic: z.string(),
  value: number,
  p: number,
  effect: number,
  verdict: z.string(),
  n: z.coerce.number(),
  m: z.coerce.number(),
});

test('verdicts replayed from files equal the live ones bit for bit', async (t) => {
  const systems = stack();
  const name = uniqueName('toy');
  const loop = await openToyLoop({ systems, name, after: (clean) => t.after(clean) });
  const processor = await loop.startProcessor();
  await loop.log(loop.rows.filter((row) => row.hour < TRAINING_HOURS));
  await loop.settled(processor);
  await loop.registerVersion(loop.rows);
  await loop.log(loop.rows.filter((row) => row.hour >= TRAINING_HOURS));
  await loop.settled(processor);

  const { url, username, password } = systems.clickhouse;
  const client = createClient({ url, username, password, database: name });
  t.after(() => client.close());
  const answer = await client.query({
    query: `SELECT kind, window_start AS window, feature, segment, statistic, value, p_value AS p, effect, verdict, n, m
            FROM drift_history`,
    format: 'JSONEachRow',
    clickhouse_settings: { date_time_output_format: 'iso' },
  });
  const live = sorted(z.array(LIVE).parse(await answer.json())).filter(isOfRows);
  const { files, contracts } = writeFiles(loop.home, name, loop.rows);
  const replay = (options: readonly string[]) => replayed({ options, home: loop.home, files, contracts });

  await t.test('every feature, segment and window of all five kinds', () => {
    const found = replay([]);
    const known = live.filter(({ statistic }) => statistic !== ESTIMATED_LOG_LOSS);
    assert.ok(live.some(({ statistic, value }) => statistic === ESTIMATED_LOG_LOSS && value !== null));
    assert.deepEqual(new Set(live.map(({ kind }) => kind)).size, 5);
    const broken = live.filter(({ statistic, verdict }) => RULES.has(statistic) && verdict === 'drift');
    assert.deepEqual(
      new Set(broken.map(({ statistic, feature }) => `${feature} ${statistic}`)),
      new Set(['z FLOAT_TYPE_BIG_FLOAT']),
    );
    assert.ok(live.filter(({ value }) => value !== null).length > 1_000, `${live.length} live verdicts`);
    // What predictions meant on the validation rows is known to the registered version and not to the files.
    assert.deepEqual(found, known);
  });
  await t.test('the ledger adds up, and expects as many false pages as the backtest', async () => {
    const ledger = await client.query({
      query: 'SELECT model, stage, windows, budget, expected, spent FROM budget_to_date',
      format: 'JSONEachRow',
    });
    const rows = z.array(LEDGER).parse(await ledger.json());
    const of = (model: string, stage: string) =>
      rows.find((row) => row.model === model && row.stage === stage) ?? assert.fail(`${model} ${stage}`);
    const all = of('', '');
    assert.equal(all.windows, of(name, '').windows);
    near(all.budget, of(name, '').budget);
    const stages = ['serving', 'labels', 'skew'].map((stage) => of(name, stage));
    near(
      all.expected,
      stages.reduce((sum, { expected }) => sum + expected, 0),
    );
    near(all.spent, all.expected / all.budget);
    assert.ok(all.expected > 0 && all.spent < 1, `${all.spent} spent`);
    near(totalsOf({ home: loop.home, files, contracts }), all.expected);
  });
  await t.test('stored panes judged anew give the same verdicts, and pages as before', () => {
    const lines = replayedFromHistory({ systems, home: loop.home });
    assert.deepEqual(sorted(lines.flatMap((line) => LIVE.safeParse(line).data ?? [])).filter(isOfRows), live);
    const pages = lines.flatMap((line) => PAGE.safeParse(line).data ?? []);
    assert.ok(pages.length > 0);
    assert.deepEqual(new Set(pages.map(({ change }) => change)), new Set(['as before']));
    for (const { kind, cost } of pages)
      assert.equal(cost.basis, kind === 'concept-drift' ? 'realised' : 'estimated', kind);
  });
  await t.test('pages over files say what they cost by the labels', () => {
    const lines = replayedLines({ options: [], home: loop.home, files, contracts });
    const pages = lines.flatMap((line) => PAGE.safeParse(line).data ?? []);
    assert.ok(pages.length > 0);
    for (const { cost } of pages) assert.equal(cost.basis, 'realised');
  });
  await t.test('a planted bug, bins half-open the other way, is noticed', () => {
    assert.notDeepEqual(replay(['--import', PLANT]), live);
  });
});

function near(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) < 1e-9, `${found} is not ${expected}`);
}

/** False pages that the backtest of the files expects. */
function totalsOf(args: { home: string; files: string; contracts: string }): number {
  const totals = replayedLines({ ...args, options: [] }).flatMap(
    (line) => TOTALS.safeParse(line).data?.expected_false_pages ?? [],
  );
  return totals[0] ?? assert.fail('no totals');
}

function replayed(args: Parameters<typeof replayedLines>[0]): z.infer<typeof LIVE>[] {
  return sorted(replayedLines(args).flatMap((line) => LIVE.safeParse(line).data ?? []));
}

function replayedLines(args: {
  options: readonly string[];
  home: string;
  files: string;
  contracts: string;
}): unknown[] {
  const child = spawnSync(
    process.execPath,
    [
      ...args.options,
      MAIN,
      'backtest',
      ...['--config', join(args.home, 'driftwatch.yaml'), '--data', args.files, '--contract', args.contracts],
      ...['--trained-until', new Date(START + TRAINING_HOURS * HOUR).toISOString(), '--json'],
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  assert.ok(child.status === 0 || child.status === 3, child.stderr);
  return child.stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

/** What the rows alone decide: what the schemas of writers did is not in them, has no p-value, and is no rule on values. */
function isOfRows({ kind, p, statistic }: z.infer<typeof LIVE>): boolean {
  return kind !== 'schema-skew' || p !== null || RULES.has(statistic);
}

function replayedFromHistory(args: { systems: ReturnType<typeof stack>; home: string }): unknown[] {
  const { systems, home } = args;
  const child = spawnSync(
    process.execPath,
    [
      ...[MAIN, 'backtest', '--config', join(home, 'driftwatch.yaml'), '--home', home, '--json'],
      ...['--from', new Date(START).toISOString(), '--until', new Date(START + 200 * HOUR).toISOString()],
    ],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: {
        ...process.env,
        SCHEMA_REGISTRY_URL: systems.registryUrl,
        CLICKHOUSE_URL: systems.clickhouse.url,
        CLICKHOUSE_USER: systems.clickhouse.username,
        CLICKHOUSE_PASSWORD: systems.clickhouse.password,
      },
    },
  );
  assert.ok(child.status === 0 || child.status === 3, child.stderr);
  return child.stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

/** The rows as the producers logged them, in an order of their own, as CSV. */
function writeFiles(
  home: string,
  name: string,
  rows: readonly ToyRow[],
): { files: string; contracts: string } {
  const random = seededRandom(7);
  const shuffled = rows
    .map((row) => ({ row, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row);
  const served = shuffled.filter(({ id, hour }) => hour >= TRAINING_HOURS && !isRefused(id, hour));
  const text = {
    training: [
      'id,event_time,x,z,c,g,y',
      ...shuffled.map((r) => [r.id, r.eventTimeMs, r.x, r.z, r.c, r.g, r.y].join(',')),
    ],
    serving: [
      'id,event_time,x,z,c,g,prediction,model_version',
      ...served.map((r) => {
        const x = within(r.hour, 'unit') && r.g === 'b' ? r.x * 100 : r.x;
        const c = within(r.hour, 'missing') && indexOf(r.id) % 4 === 0 ? '' : r.c;
        return [r.id, r.eventTimeMs, x, r.z, c, r.g, r.p, 'v1'].join(',');
      }),
    ],
    labels: [
      'id,event_time,y',
      ...shuffled
        .filter(({ hour }) => hour >= TRAINING_HOURS)
        .map((r) => [r.id, r.eventTimeMs + HOUR / 2, r.y].join(',')),
    ],
  };
  const streams = ['training', 'serving', 'labels'] as const;
  for (const stream of streams) {
    writeFileSync(join(home, `${stream}.csv`), text[stream].join('\n'));
    writeFileSync(join(home, `${stream}.${name}.avsc`), JSON.stringify(TOY_SCHEMAS[stream]));
  }
  return {
    files: streams.map((stream) => `${stream}=${join(home, `${stream}.csv`)}`).join(','),
    contracts: streams.map((stream) => join(home, `${stream}.${name}.avsc`)).join(','),
  };
}

/** Rows that a producer wrote z of as text: they were dead-lettered. */
function isRefused(id: string, hour: number): boolean {
  return within(hour, 'text') && indexOf(id) % 10 === 0;
}

function indexOf(id: string): number {
  return Number(id.split('-')[1]);
}

/** In one order; the rows of the validation are known to the registered version and not to the files. */
function sorted(verdicts: readonly z.infer<typeof LIVE>[]): z.infer<typeof LIVE>[] {
  const key = (v: z.infer<typeof LIVE>) =>
    [v.window, v.kind, v.feature, v.segment, v.statistic].join('\u0000');
  return verdicts
    .map((verdict) => (verdict.kind === 'concept-drift' ? { ...verdict, m: 0 } : verdict))
    .toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
