import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildApplication, buildRouteMap, run } from '@stricli/core';
import { command as calibrate } from '../../src/cli/calibrate.ts';
import { command as detect } from '../../src/cli/detect.ts';

const directory = mkdtempSync(join(tmpdir(), 'driftwatch-detect-'));
after(() => rmSync(directory, { recursive: true }));

const application = buildApplication(
  buildRouteMap({ routes: { detect, calibrate }, docs: { brief: 'under test' } }),
  { name: 'driftwatch', scanner: { caseStyle: 'allow-kebab-for-camel' } },
);

const rise = `${'0000100000'.repeat(300)}${'1101100101'.repeat(100)}`;
const lines = [
  { stream: 'rise', seed: 1, drift_at: 3_000, bits: rise },
  { stream: 'calm', seed: 1, drift_at: null, bits: '0000100000'.repeat(300) },
];

test('a line a stream and detector, then the card as one line of JSON', async () => {
  const { out, code } = await cli('detect', 'errors', write('two.ndjson', lines), '--json');
  assert.equal(code, 0);
  const [first, second, last, ...rest] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(rest, []);
  assert.deepEqual(Object.keys(first), ['stream', 'seed', 'detector', 'alarms']);
  assert.equal(first.detector, 'default');
  assert.ok(first.alarms[0] >= 3_000 && first.alarms[0] < 3_040);
  assert.deepEqual(second, { stream: 'calm', seed: 1, detector: 'default', alarms: [] });
  assert.equal(last.card[0].falseAlarms.count, 0);
  // The calm stream is the beginning of the other one, so its elements count once.
  assert.equal(last.card[0].falseAlarms.rate.n, 3_000);
  assert.equal(last.card[0].streams[0].drift.medianDelay.value, first.alarms[0] - 3_000);
});

test('gzip reads the same as plain, and detectors answer under the names they were called by', async () => {
  const plain = await cli(
    'detect',
    'errors',
    write('a.ndjson', lines),
    '--detector',
    'HDDM_A,ADWINChangeDetector',
  );
  const zipped = await cli(
    'detect',
    'errors',
    write('a.ndjson.gz', lines),
    '--detector',
    'HDDM_A,ADWINChangeDetector',
  );
  assert.equal(zipped.out, plain.out);
  assert.match(plain.out, /"detector":"HDDM_A"/);
  assert.match(plain.out, /median delay/);
});

test('at the false alarms of another detector: both delays side by side', async () => {
  const file = write('rival.ndjson', lines);
  const { out } = await cli('detect', 'errors', file, '--at-rate-of', 'SEED', '--json');
  const { at_rate_of } = JSON.parse(out.trim().split('\n').at(-1) ?? '');
  assert.equal(at_rate_of.length, 1);
  const [{ stream, own, rival, verdict, threshold }] = at_rate_of;
  assert.deepEqual([stream, own.detector, rival.detector], ['rise', 'focus-with-bets', 'seed']);
  // SEED does not alarm in the calm part: the least rate of the table.
  assert.equal(rival.falseAlarms.value, 0);
  assert.ok(threshold > 20);
  assert.equal(verdict, own.medianDelay.value <= rival.medianDelay.value ? 'no worse' : 'worse');
  const text = await cli('detect', 'errors', file, '--at-rate-of', 'SEED');
  assert.match(text.out, /The default at the false alarms of seed/);
});

test('a threshold behind the name makes the detector calmer or quicker', async () => {
  const file = write('b.ndjson', lines);
  const { out } = await cli('detect', 'errors', file, '--detector', 'focus@8,focus@40');
  const [quick, calm] = out
    .split('\n')
    .slice(0, 2)
    .map((line) => JSON.parse(line).alarms[0]);
  assert.ok(quick < calm);
});

test('the golden file of other libraries is met, and a changed alarm in it is reported', async () => {
  const golden = readFileSync(new URL('../golden/detectors/detectors.json', import.meta.url), 'utf8');
  const right = await cli('detect', 'golden', write('golden.json', golden));
  assert.equal(right.code, 0);
  const { cases, checked, all_alarms_equal, failures } = JSON.parse(right.out);
  assert.deepEqual({ cases, failures }, { cases: 8, failures: [] });
  assert.ok(checked >= 90 && all_alarms_equal >= checked - 6);

  const wrong = await cli(
    'detect',
    'golden',
    write('wrong.json', golden.replace('"drift":[2623]', '"drift":[2624]')),
  );
  assert.equal(wrong.code, 1);
  assert.equal(JSON.parse(wrong.out).failures[0].detector, 'ADWIN');
});

test('what cannot be read or understood is told in a sentence with the line, and the exit code is 1', async () => {
  const broken = [lines[0], { stream: 'x', seed: 1, drift_at: 9, bits: '012' }];
  const cases = [
    [
      await cli('detect', 'errors', write('c.ndjson', broken)),
      /Line 2 of .*bits must be a string of 0 and 1/s,
    ],
    [await cli('detect', 'errors', join(directory, 'none.ndjson')), /Could not read .*none\.ndjson/],
    [
      await cli('detect', 'errors', write('d.ndjson', lines), '--detector', 'magic'),
      /no detector magic.*adwin/s,
    ],
    [await cli('detect', 'errors', write('e.ndjson', lines), '--detector', 'e-detector'), /reads p-values/],
    [await cli('detect', 'errors', write('f.ndjson', lines), '--detector', 'ddm@3'), /no detector ddm@3/],
    [await cli('calibrate', '--detector', 'ddm'), /threshold of ddm cannot be calibrated/],
  ] as const;
  for (const [{ err, code }, sentence] of cases) {
    assert.equal(code, 1);
    assert.match(err, sentence);
    assert.doesNotMatch(err, /\n {4}at /);
  }
});

test('fresh streams are scored without a file and repeat for the same seed', async () => {
  const once = await cli('detect', 'fresh', '--runs', '1', '--seed', '3', '--json');
  const again = await cli('detect', 'fresh', '--runs', '1', '--seed', '3', '--json');
  assert.equal(once.code, 0);
  assert.equal(once.out, again.out);
});

test('calibrate prints a threshold with its interval where the runs suffice, and the runs needed elsewhere', async () => {
  const { out } = await cli('calibrate', '--runs', '40', '--length', '20000', '--rate', '0.2', '--json');
  const line = JSON.parse(out);
  const at = (per100k: number) =>
    line.thresholds.find((t: { per100k: number }) => t.per100k === per100k).threshold;
  assert.equal(at(0.02).status, 'insufficient');
  assert.ok(at(0.02).need > 40);
  assert.equal(at(3).status, 'ok');
  assert.ok(at(3).low <= at(3).value && at(3).value <= at(3).high);
});

function write(name: string, content: string | readonly unknown[]): string {
  const path = join(directory, name);
  const text =
    typeof content === 'string' ? content : content.map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

async function cli(...args: string[]): Promise<{ out: string; err: string; code: number }> {
  const out: string[] = [];
  const err: string[] = [];
  const exit: { exitCode?: number | string | null } = {};
  const stdout = { write: (text: string) => out.push(text) > 0 };
  const stderr = { write: (text: string) => err.push(text) > 0 };
  const process = Object.assign(exit, { stdout, stderr });
  await run(application, args, { process });
  return { out: out.join(''), err: err.join(''), code: Number(exit.exitCode) };
}
