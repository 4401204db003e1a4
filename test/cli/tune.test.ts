import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startCli } from '../fixtures/cli.ts';
import { machineRows } from '../fixtures/machines.ts';
import { until } from '../fixtures/until.ts';

const TUNING = `
search: halving
candidates: 9
folds: 2
space:
  learningRate: { from: 0.02, to: 0.3, scale: log }
  maxLeaves: { from: 2, to: 31, scale: log, whole: true }
  rounds: [60, 120]
`;

test('a tuning that is killed goes on from its journal to the result of one that was not', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'driftwatch-tune-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'machines.csv');
  const rows = machineRows({ rows: 1500, fromMs: Date.UTC(2024, 0, 1), days: 28, seed: 1 });
  const lines = rows.map((row) => [row.eventTimeMs, row.heat ?? '', row.color ?? '', row.failed].join(','));
  writeFileSync(file, ['at,heat,color,failed', ...lines, ''].join('\n'));
  const tuning = join(directory, 'tuning.yaml');
  writeFileSync(tuning, TUNING);
  const flags = ['tune', '--file', file, '--time', 'at', '--label', 'failed', '--tuning', tuning, '--json'];
  const tuneIn = (home: string, parallel: number) =>
    startCli(t, [...flags, '--home', join(directory, home), '--parallel', String(parallel)]);

  const killed = tuneIn('killed', 2);
  await until('some trials are in the journal', () => journalLines(join(directory, 'killed')) >= 3, 60_000);
  killed.process.kill('SIGKILL');
  assert.equal((await killed.ended).signal, 'SIGKILL');
  const before = journalLines(join(directory, 'killed'));
  assert.ok(before < 12, `${before} trials were done before the kill`);

  const [resumed, whole] = [tuneIn('killed', 2), tuneIn('whole', 1)];
  assert.deepEqual([await resumed.ended, await whole.ended], [OK, OK], resumed.stderr());
  const [a, b] = [JSON.parse(resumed.stdout()), JSON.parse(whole.stdout())];
  assert.ok(a.resumed >= 3, `${a.resumed} trials were taken over`);
  assert.equal(b.resumed, 0);
  assert.deepEqual({ ...a, resumed: 0 }, b);
  assert.equal(journalLines(join(directory, 'killed')), b.trials, 'no trial was done twice');
  assert.deepEqual(
    b.ranking.map((one: { rung: number }) => one.rung),
    [1, 1, 1],
  );
  assert.ok(b.gain >= 0);
  assert.equal(b.best.n, 1000);
});

const OK = { code: 0, signal: null };

/** Results in the only journal of a home. */
function journalLines(home: string): number {
  try {
    const [name = ''] = readdirSync(join(home, 'tuning'));
    return readFileSync(join(home, 'tuning', name), 'utf8').split('\n').length - 2;
  } catch {
    return 0;
  }
}
