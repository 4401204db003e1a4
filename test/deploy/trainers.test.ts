import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { takeRows } from '../../src/core/models/dataset.ts';
import { columnsOfDataset } from '../../src/core/models/scoring-columns.ts';
import { logLoss } from '../../src/core/performance/log-loss.ts';
import { readSnapshot } from '../../src/io/files/read-snapshot.ts';
import { openScorer } from '../../src/io/onnx-runtime/open-scorer.ts';
import { commandTrainer } from '../../src/io/trainers/command-trainer.ts';
import { jobOf, jobOfSharedIds } from '../fixtures/training-job.ts';

const SCRIPT = fileURLToPath(new URL('../../deploy/trainers/python/trainer.py', import.meta.url));
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
  const { shared, ours } = await jobOfSharedIds(t);
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
