import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { builtInTrainer } from '../../../src/io/trainers/built-in-trainer.ts';
import { jobOf, jobOfSharedIds } from '../../fixtures/training-job.ts';

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
  const { shared, ours } = await jobOfSharedIds(t);
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
