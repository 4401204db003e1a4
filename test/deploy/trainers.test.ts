import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { takeRows } from '../../src/core/models/dataset.ts';
import { columnsOfDataset } from '../../src/core/models/scoring-columns.ts';
import { logLoss } from '../../src/core/performance/log-loss.ts';
import { readSnapshot } from '../../src/io/files/read-snapshot.ts';
import { openScorer } from '../../src/io/onnx-runtime/open-scorer.ts';
import { commandTrainer } from '../../src/io/trainers/command-trainer.ts';
import type { TrainingJob } from '../../src/io/trainers/trainer.ts';

const SCRIPT = fileURLToPath(new URL('../../deploy/trainers/python/trainer.py', import.meta.url));
const SNAPSHOT = fileURLToPath(new URL('../fixtures/two-row-groups.parquet', import.meta.url));
/** A Python with deploy/trainers/python/requirements.txt; DRIFTWATCH_TEST_PYTHON names another than python3. */
const PYTHON = process.env['DRIFTWATCH_TEST_PYTHON'] ?? 'python3';
const there = spawnSync(PYTHON, ['-c', 'import skl2onnx, sklearn, pandas, pyarrow'], { encoding: 'utf8' });
const skip =
  there.status === 0
    ? false
    : `${PYTHON} has not the packages of deploy/trainers/python/requirements.txt; DRIFTWATCH_TEST_PYTHON names one that has`;

test('the example trainer in Python leaves a model that passes every check and learns', {
  skip,
}, async (t) => {
  const job = jobOf(t, { rounds: 20 });
  const progress: unknown[] = [];
  const outcome = await trainer().train({
    job,
    signal: new AbortController().signal,
    onProgress: (line) => void progress.push(line),
  });
  assert.equal(outcome.status, 'trained', outcome.status === 'failed' ? outcome.reason : '');
  if (outcome.status !== 'trained') return;
  assert.deepEqual(progress, [{ rows: 2000, of: 20 }]);
  assert.equal(outcome.metrics.config['rounds'], 20);
  assert.equal(outcome.metrics.metrics['training_log_loss']?.n, 2000);

  const { event_time: eventTime, ...fields } = job.fields;
  const { dataset } = await readSnapshot(job.snapshot.path, { ...fields, eventTime });
  const rows = takeRows(
    dataset,
    Array.from({ length: 2000 }, (_, row) => row),
  );
  const sample = columnsOfDataset(takeRows(rows, [0, 1, 2, 3]), INPUTS);
  const scorer = await openScorer({ path: outcome.modelPath, sample });
  t.after(() => scorer.close());
  assert.deepEqual(scorer.inputs, INPUTS);
  assert.equal(scorer.info.output, 'probability');
  const predictions = await scorer.score(columnsOfDataset(rows, scorer.inputs));
  const measured = logLoss({ predictions, labels: rows.label });
  // The graph answers what the library answered when it was fitted.
  assert.ok(measured.status === 'ok');
  const theirs = outcome.metrics.metrics['training_log_loss']?.value ?? 0;
  assert.ok(Math.abs(measured.value - theirs) < 1e-4, `runtime ${measured.value}, scikit-learn ${theirs}`);
  const missing = columnsOfDataset(
    { rows: 1, numeric: [], categorical: [], label: new Float64Array(0) },
    scorer.inputs,
  );
  const [answer = Number.NaN] = await scorer.score(missing);
  assert.ok(answer > 0 && answer < 1, `a row of missing values is answered with ${answer}`);
});

test('it trains on no row before train_from, and on none whose id is validated with', { skip }, async (t) => {
  const job = jobOf(t, { rounds: 3 });
  // Here x is the id: it is null in some rows before the cut and after it.
  const shared = { ...job, train_from: '2024-01-01T00:16:40.000Z', fields: { ...job.fields, id: 'x' } };
  const { ids } = await readSnapshot(SNAPSHOT, { ...shared.fields, eventTime: 'event_time' });
  const later = new Set(ids.slice(2000));
  const ours = ids.slice(1000, 2000).filter((id) => !later.has(id));
  assert.ok(ours.length > 500 && ours.length < 1000, `${ours.length} rows`);
  const progress: unknown[] = [];
  await trainer().train({
    job: shared,
    signal: new AbortController().signal,
    onProgress: (line) => void progress.push(line),
  });
  assert.deepEqual(progress, [{ rows: ours.length, of: 3 }]);
});

test('the example trainer refuses settings that it does not know, by name', { skip }, async (t) => {
  const outcome = await trainer().train({
    job: jobOf(t, { trees: 3 }),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  assert.match(outcome.status === 'failed' ? outcome.reason : '', /settings: trees unknown/);
});

const INPUTS = [
  { name: 'x', kind: 'numeric' },
  { name: 'c', kind: 'categorical' },
] as const;

function trainer() {
  return commandTrainer({ command: [PYTHON, SCRIPT], timeLimitMs: 120_000, environment: process.env });
}

function jobOf(t: TestContext, settings: Record<string, unknown>): TrainingJob {
  const output = mkdtempSync(join(tmpdir(), 'driftwatch-job-'));
  t.after(() => rm(output, { recursive: true, force: true }));
  return {
    format: 1,
    request_id: '00000000-0000-4000-8000-000000000001',
    model: 'machines',
    version: 'v1',
    snapshot: { path: SNAPSHOT, sha256: '', rows: 2500 },
    fields: { id: 'id', event_time: 'event_time', label: 'y', numeric: ['x'], categorical: ['c'] },
    // The first 2,000 rows.
    train_before: '2024-01-01T00:33:20.000Z',
    seed: 1,
    settings,
    output,
  };
}
