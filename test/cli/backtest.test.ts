import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import avro from 'avsc';
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

const COST = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('ok'),
    metric: z.literal('log-loss'),
    nats: z.number(),
    basis: z.enum(['realised', 'estimated']),
    n: z.number(),
  }),
  z.object({ status: z.literal('insufficient'), why: z.string() }),
]);

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
    .object({ page: z.string(), at: z.string(), features: z.array(z.string()), cost: COST })
    .parse(within.lines.at(-2));
  assert.deepEqual(page.features, ['x']);
  assert.deepEqual(page.cost, {
    status: 'insufficient',
    why: 'neither labels nor predictions in the files',
  });
  assert.equal(page.at.slice(0, 10), '2024-01-07', 'row 15,000 is on 7 January');

  const tight = join(home, 'tight.yaml');
  writeFileSync(tight, CONFIG.replace('false_pages: 1', 'false_pages: 0.5'));
  const over = backtest('--config', tight, ...data);
  assert.equal(over.status, 3, over.stderr);
  assert.match(over.stderr, /1 pages are to be expected per 30d and the budget is 0.5/);
  assert.match(over.stdout, /^2024-01-07T.* in x: .*; cost insufficient: neither labels nor predictions/m);
  const known = backtest('--config', tight, ...data, '--known', '2024-01-07/2024-01-08');
  assert.equal(known.status, 0, known.stderr);
});

test('a page over a file with predictions says what they imply it to cost', () => {
  const random = seededRandom(11);
  const lines = ['id,event_time,x,prediction,model_version'];
  // From the middle on x is higher and the model unsure: .69 nats a row in place of .33.
  for (let row = 0; row < 30_000; row += 1) {
    const late = row >= 15_000;
    const at = new Date(Date.UTC(2024, 0, 1) + row * 36_000).toISOString();
    lines.push([`r${row}`, at, normal(random) + (late ? 2 : 0), late ? 0.5 : 0.1, 'v1'].join(','));
  }
  const file = join(home, 'predicted.csv');
  writeFileSync(file, lines.join('\n'));
  const field = (name: string, type: unknown, role: string) => ({ name, type, role });
  const contract = join(home, 'serving.toy.avsc');
  const fields = [
    field('id', 'string', 'id'),
    field('event_time', { type: 'long', logicalType: 'timestamp-millis' }, 'event-time'),
    field('x', 'double', 'feature'),
    field('prediction', 'double', 'prediction'),
    field('model_version', 'string', 'version'),
  ];
  writeFileSync(contract, JSON.stringify({ type: 'record', name: 'Serving', fields }));
  const config = join(home, 'predicted.yaml');
  writeFileSync(config, CONFIG);
  const found = backtest('--config', config, '--data', file, '--contract', contract, '--json');
  assert.equal(found.status, 0, found.stderr);
  const page = z
    .object({ at: z.string(), began: z.string(), until: z.string(), cost: COST })
    .parse(found.lines.at(-2));
  const rows = (Date.parse(page.until) - Date.parse(page.began)) / 36_000;
  assert.ok(page.cost.status === 'ok');
  assert.equal(page.cost.basis, 'estimated');
  assert.equal(page.cost.n, Math.min(rows, 15_000));
  // Of the windows outside, those before the change have .325 nats a row.
  const each = page.cost.nats / page.cost.n;
  assert.ok(each > 0.05 && each < Math.log(2) - 0.325 + 0.01, `${each} nats a row`);
});

/** Half a model's rows with labels as it says, then half with labels as it does not: the files of three streams. */
function toldOtherwise(task: 'multiclass' | 'regression') {
  const random = seededRandom(21);
  const isNumber = task === 'regression';
  const grade = { type: 'enum', name: 'Grade', symbols: ['low', 'high'] };
  const label = { name: 'told', type: isNumber ? 'double' : grade, role: 'label' };
  const said = { name: 'prediction', type: isNumber ? 'double' : grade, role: 'prediction' };
  const chances = { name: 'chances', type: { type: 'map', values: 'double' }, role: 'probabilities' };
  const own = {
    training: [{ name: 'x', type: 'double', role: 'feature' }, label],
    serving: [
      { name: 'x', type: 'double', role: 'feature' },
      said,
      ...(isNumber ? [] : [chances]),
      { name: 'model_version', type: 'string', role: 'version' },
    ],
    labels: [label],
  };
  const lines = {
    training: ['id,event_time,x,told'],
    serving: [`id,event_time,x,prediction,model_version${isNumber ? '' : ',chances.low,chances.high'}`],
    labels: ['id,event_time,told'],
  };
  for (let row = 0; row < 24_000; row += 1) {
    const at = (hours: number): string =>
      new Date(Date.UTC(2024, 0, 1) + row * 36_000 + hours * 3_600_000).toISOString();
    const x = normal(random);
    const high = 1 / (1 + Math.exp(-2 * x));
    const turn = row < 16_000 ? 1 : -1;
    const truth = isNumber
      ? 10 * x * turn + 5 * normal(random)
      : random() < (turn > 0 ? high : 1 - high)
        ? 'high'
        : 'low';
    const answer = isNumber ? 10 * x : `${high >= 0.5 ? 'high' : 'low'}`;
    lines.training.push([`t${row}`, at(-24 * 12), x, truth].join());
    lines.serving.push([`r${row}`, at(0), x, answer, 'v1', ...(isNumber ? [] : [1 - high, high])].join());
    lines.labels.push([`r${row}`, at(1), truth].join());
  }
  const streams = ['training', 'serving', 'labels'] as const;
  const about = [
    { name: 'id', type: 'string', role: 'id' },
    { name: 'event_time', type: { type: 'long', logicalType: 'timestamp-millis' }, role: 'event-time' },
  ];
  for (const stream of streams) {
    writeFileSync(join(home, `${task}-${stream}.csv`), lines[stream].join('\n'));
    const record = { type: 'record', name: stream, fields: [...about, ...own[stream]] };
    mkdirSync(join(home, task), { recursive: true });
    writeFileSync(join(home, task, `${stream}.toy.avsc`), JSON.stringify(record));
  }
  const config = join(home, `${task}.yaml`);
  writeFileSync(config, CONFIG);
  return [
    ...['--config', config],
    ...['--contract', streams.map((stream) => join(home, task, `${stream}.toy.avsc`)).join()],
    ...['--data', streams.map((stream) => `${stream}=${join(home, `${task}-${stream}.csv`)}`).join()],
  ];
}

/** The same with the serving rows in an Avro container, whose probabilities are a map. */
function withMap(args: readonly string[]): string[] {
  const [, ...rows] = readFileSync(join(home, 'multiclass-serving.csv'), 'utf8').split('\n');
  const schema = JSON.parse(readFileSync(join(home, 'multiclass', 'serving.toy.avsc'), 'utf8'));
  const type = avro.Type.forSchema(schema);
  const blocks = rows.map((line) => {
    const [id = '', at = '', x, prediction, model_version, low, high] = line.split(',');
    const chances = { low: Number(low), high: Number(high) };
    return type.toBuffer({
      id,
      event_time: Date.parse(at),
      x: Number(x),
      prediction,
      chances,
      model_version,
    });
  });
  const [sync, long] = [Buffer.alloc(16, 7), avro.Type.forSchema('long')];
  const meta = avro.Type.forSchema({ type: 'map', values: 'bytes' }).toBuffer({
    'avro.schema': Buffer.from(JSON.stringify(schema)),
  });
  const body = Buffer.concat(blocks);
  const [count, size] = [long.toBuffer(rows.length), long.toBuffer(body.length)];
  const path = join(home, 'multiclass-serving.avro');
  writeFileSync(path, Buffer.concat([Buffer.from('Obj\u0001'), meta, sync, count, size, body, sync]));
  return args.map((one) => one.replace(join(home, 'multiclass-serving.csv'), path));
}

for (const [task, more] of [
  ['multiclass', []],
  ['regression', ['--squared-error', '25']],
] as const) {
  test(`labels of ${task} that turn against the model page as concept drift, at their cost in log-loss`, () => {
    const args = toldOtherwise(task);
    const { status, lines, stderr } = backtest(...args, ...more, '--json');
    assert.equal(status, 0, stderr);
    const pages = z
      .array(z.object({ at: z.string(), began: z.string(), summary: z.string(), cost: COST }))
      .parse(lines.filter((line) => typeof line === 'object' && line !== null && 'page' in line));
    assert.equal(pages.length, 1, JSON.stringify(pages));
    const [page] = pages;
    assert.equal(page?.began.slice(0, 10), '2024-01-07', 'row 16,000 is on 7 January');
    assert.ok(page.cost.status === 'ok' && page.cost.basis === 'realised' && page.cost.n > 3_000);
    const each = page.cost.nats / page.cost.n;
    // Of a number twice the answer in place of its error, in halves of the variance: 400 / 50.
    const [least, most] = task === 'regression' ? [5, 10] : [0.5, 3];
    assert.ok(least < each && each < most, `${each} nats a row`);
    if (task === 'multiclass') {
      const map = backtest(...withMap(args), ...more, '--json');
      assert.deepEqual(
        [map.status, map.lines],
        [0, lines],
        `probabilities in a map are the same: ${map.stderr}`,
      );
      return;
    }
    const without = backtest(...args);
    assert.match(without.stderr, /labels of numbers need --squared-error/);
  });
}

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
