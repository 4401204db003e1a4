import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readSnapshot } from '../../../src/io/files/read-snapshot.ts';
import { builtInTrainer } from '../../../src/io/trainers/built-in-trainer.ts';
import type { TrainingJob } from '../../../src/io/trainers/trainer.ts';

const SNAPSHOT = fileURLToPath(new URL('../../fixtures/two-row-groups.parquet', import.meta.url));

test('the same job gives the same bytes, and its metrics carry their sample sizes', async (t) => {
  const models: Buffer[] = [];
  for (let run = 0; run < 2; run += 1) {
    const job = jobOf(t, { rounds: 3, maxLeaves: 4 });
    const rounds: unknown[] = [];
    const outcome = await builtInTrainer().train({
      job,
      signal: new AbortController().signal,
      onProgress: (progress) => void rounds.push(progress['round']),
    });
    assert.equal(outcome.status, 'trained');
    if (outcome.status !== 'trained') return;
    assert.deepEqual(rounds, [1, 2, 3]);
    assert.equal(outcome.metrics.config['rounds'], 3);
    const { training_log_loss: training, stopping_log_loss: stopping } = outcome.metrics.metrics;
    // A tenth of the rows before the cut chooses the number of trees.
    assert.deepEqual([training?.n, stopping?.n], [1800, 200]);
    models.push(await readFile(outcome.modelPath));
  }
  assert.ok(models[0]?.equals(models[1] ?? Buffer.alloc(0)));
});

test('it trains on no row before train_from, and on none whose id is validated with', async (t) => {
  const job = jobOf(t, { rounds: 3 });
  // Here x is the id: it is null in some rows before the cut and after it.
  const shared = { ...job, train_from: '2024-01-01T00:16:40.000Z', fields: { ...job.fields, id: 'x' } };
  const { ids } = await readSnapshot(SNAPSHOT, { ...shared.fields, eventTime: 'event_time' });
  const later = new Set(ids.slice(2000));
  const ours = ids.slice(1000, 2000).filter((id) => !later.has(id));
  assert.ok(ours.length > 500 && ours.length < 1000, `${ours.length} rows`);
  const outcome = await builtInTrainer().train({
    job: shared,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  assert.ok(outcome.status === 'trained');
  const { training_log_loss: training, stopping_log_loss: stopping } = outcome.metrics.metrics;
  assert.equal((training?.n ?? 0) + (stopping?.n ?? 0), ours.length);
});

test('settings that it does not know are refused by name', async (t) => {
  const outcome = await builtInTrainer().train({
    job: jobOf(t, { trees: 10 }),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  assert.match(outcome.status === 'failed' ? outcome.reason : '', /^settings: .*trees/);
});

test('an aborted training leaves its thread', async (t) => {
  const aborting = new AbortController();
  const running = builtInTrainer().train({
    job: jobOf(t, { rounds: 5_000, patience: 5_000 }),
    signal: aborting.signal,
    onProgress: () => aborting.abort(),
  });
  await assert.rejects(running, { name: 'AbortError' });
});

function jobOf(t: TestContext, settings: Record<string, unknown>): TrainingJob {
  const output = mkdtempSync(join(tmpdir(), 'driftwatch-job-'));
  t.after(() => rm(output, { recursive: true, force: true }));
  return {
    format: 1,
    request_id: '00000000-0000-4000-8000-000000000001',
    model: 'machines',
    version: 'v1',
    snapshot: { path: SNAPSHOT, sha256: '', rows: 2500 },
    fields: {
      id: 'id',
      event_time: 'event_time',
      label: 'y',
      numeric: ['x'],
      categorical: ['c'],
    },
    // The first 2,000 rows.
    train_before: '2024-01-01T00:33:20.000Z',
    seed: 1,
    settings,
    output,
  };
}
