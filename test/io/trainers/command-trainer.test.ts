import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commandTrainer } from '../../../src/io/trainers/command-trainer.ts';
import type { TrainingJob, TrainingOutcome } from '../../../src/io/trainers/trainer.ts';

const PROGRAM = fileURLToPath(new URL('../../fixtures/external-trainer.ts', import.meta.url));

test('a command that fails, hangs or leaves nothing gives a reason in words', async (t) => {
  const reasonOf = async (mode: string, timeLimitMs = 20_000): Promise<string> => {
    const { outcome } = await run(t, { command: [process.execPath, PROGRAM, mode], timeLimitMs });
    assert.equal(outcome.status, 'failed');
    return outcome.status === 'failed' ? outcome.reason.replaceAll(process.execPath, 'node') : '';
  };
  assert.equal(
    await reasonOf('fail'),
    'the trainer node ended with status 3; its last words: cannot open the oven',
  );
  assert.equal(await reasonOf('nothing'), 'the trainer left no model.onnx');
  assert.equal(await reasonOf('hang', 1_500), 'the trainer node ran longer than 1.5 s and was stopped');
});

test('a command that cannot be started gives a reason', async (t) => {
  const { outcome } = await run(t, { command: ['no-such-trainer-anywhere'] });
  assert.equal(
    outcome.status === 'failed' && outcome.reason,
    'the trainer no-such-trainer-anywhere could not be started: spawn no-such-trainer-anywhere ENOENT',
  );
});

test('metrics are checked, and the model file must be there', async (t) => {
  const script = async (metrics: string): Promise<TrainingOutcome> => {
    const code = `const f=require('fs');f.writeFileSync('model.onnx','x');f.writeFileSync('metrics.json',${JSON.stringify(metrics)})`;
    return (await run(t, { command: [process.execPath, '-e', code] })).outcome;
  };
  const good = await script('{"format":1,"config":{"depth":3},"metrics":{"auc":{"value":0.7,"n":10}}}');
  assert.deepEqual(good.status === 'trained' && good.metrics, {
    format: 1,
    config: { depth: 3 },
    metrics: { auc: { value: 0.7, n: 10 } },
  });
  for (const bad of [
    '{',
    '{"format":2}',
    '{"format":1,"config":{},"metrics":{"auc":{"value":0.7}}}',
    '{"format":1,"config":{},"metrics":{"auc":{"value":null,"n":3}}}',
  ]) {
    const outcome = await script(bad);
    assert.match(
      outcome.status === 'failed' ? outcome.reason : '',
      /^metrics.json does not say what it must/,
      bad,
    );
  }
});

test('a command sees its directory, four variables of the environment, and the job as the last argument', async (t) => {
  const code = `console.log(JSON.stringify({ keys: Object.keys(process.env).sort(), cwd: process.cwd(), job: process.argv.at(-1) })); console.log('not json'); console.log('{broken')`;
  const { job, progress } = await run(t, { command: [process.execPath, '-e', code] });
  assert.deepEqual(progress, [
    { keys: ['HOME', 'PATH'], cwd: job.output, job: join(job.output, 'job.json') },
  ]);
  assert.deepEqual(JSON.parse(await readFile(join(job.output, 'job.json'), 'utf8')), job);
});

test('an aborted training ends the command with all its children', async (t) => {
  const aborting = new AbortController();
  const code = `const c=require('child_process').spawn(process.execPath,['-e','setInterval(()=>{},1000)']);console.log(JSON.stringify({child:c.pid}));setInterval(()=>{},1000)`;
  let child = 0;
  const running = run(t, {
    command: [process.execPath, '-e', code],
    signal: aborting.signal,
    onProgress: (progress) => {
      child = Number(progress['child']);
      aborting.abort();
    },
  });
  await assert.rejects(running, { name: 'AbortError' });
  assert.ok(child > 0);
  assert.equal(await isGone(child), true);
});

async function isGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (status === undefined || status.includes(') Z ')) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}

async function run(
  t: TestContext,
  args: {
    command: readonly [string, ...string[]];
    timeLimitMs?: number;
    signal?: AbortSignal;
    onProgress?: (progress: Record<string, unknown>) => void;
  },
): Promise<{ outcome: TrainingOutcome; job: TrainingJob; progress: Record<string, unknown>[] }> {
  const output = mkdtempSync(join(tmpdir(), 'driftwatch-job-'));
  t.after(() => rm(output, { recursive: true, force: true }));
  await writeFile(join(output, 'snapshot.parquet'), 'not read by these commands');
  const job: TrainingJob = {
    format: 1,
    request_id: '00000000-0000-4000-8000-000000000001',
    model: 'machines',
    version: 'v1',
    snapshot: { path: join(output, 'snapshot.parquet'), sha256: '', rows: 0 },
    fields: { id: 'id', event_time: 'event_time', label: 'failed', numeric: ['heat'], categorical: [] },
    train_before: '2024-01-01T00:00:00.000Z',
    seed: 1,
    settings: {},
    output,
  };
  const progress: Record<string, unknown>[] = [];
  const trainer = commandTrainer({
    command: args.command,
    timeLimitMs: args.timeLimitMs ?? 20_000,
    environment: { PATH: process.env['PATH'], HOME: '/nowhere', KAFKA_BROKERS: 'secret' },
  });
  const outcome = await trainer.train({
    job,
    signal: args.signal ?? new AbortController().signal,
    onProgress: args.onProgress ?? ((line) => void progress.push(line)),
  });
  return { outcome, job, progress };
}
