import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { STREAMS } from '../../src/core/contract/contract.ts';
import { storeRows } from '../fixtures/loop.ts';
import { SERVED_UNTIL, servedTask } from '../fixtures/served-task.ts';
import { stack } from '../fixtures/stack.ts';
import { type OtherTask, taskContract, taskDefinition, taskRows } from '../fixtures/tasks.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const SERVED = ['--from', '2024-01-29', '--until', '2024-02-26'];
const UNLABELLED = 120;

test('commands answer a model of classes: every probability is replayed, analysed, changed and asked about', async (t) => {
  const run = await commands(t, 'multiclass', {
    prediction: 'mid',
    chances: { low: 0.25, mid: 0.5, high: 0.25 },
  });
  const replay = REPLAY.parse(run('replay-model', 'v1', ...SERVED));
  assert.deepEqual([replay.own.same, replay.measure], [900, 'log-loss']);
  const analysis = ANALYSIS.parse(run('analyse', 'v1', ...SERVED));
  assert.deepEqual([analysis.task, analysis.rows], ['multiclass', 900]);
  assert.equal(analysis.metrics['log-loss']?.value?.toFixed(9), replay.replayedLoss.value?.toFixed(9));
  assert.ok(analysis.metrics['recall of mid']);
  const { before, after } = WHAT_IF.parse(run('what-if', 'v1', '--set', 'heat+=1'));
  assert.ok(typeof before === 'object' && typeof after === 'object');
  assert.ok(
    (after['high'] ?? 0) > (before['high'] ?? 0) + 0.05 && (after['low'] ?? 1) < (before['low'] ?? 0),
  );
  const next = NEXT.parse(run('label-next', '--window', '2d', '--count', '5'));
  assert.deepEqual([next.unlabelled, next.requests.length], [UNLABELLED, 5]);
  assert.match(next.requests[0]?.reason ?? '', /unsure \(50% for mid\)/);
});

test('commands answer a model of numbers: squared errors, moves in its unit, and no fairness of groups', async (t) => {
  const run = await commands(t, 'regression', { prediction: 12.5 });
  const replay = REPLAY.parse(run('replay-model', 'v1', ...SERVED));
  assert.deepEqual([replay.own.same, replay.measure], [900, 'mean squared error']);
  const analysis = ANALYSIS.parse(run('analyse', 'v1', ...SERVED, '--group', 'color'));
  assert.deepEqual([analysis.task, analysis.leftOut.length], ['regression', 2]);
  const [rmse = 0, mse = 0] = [analysis.metrics['RMSE']?.value, replay.replayedLoss.value];
  assert.ok(Math.abs(rmse ** 2 / mse - 1) < 1e-9, `${rmse} squared is not ${mse}`);
  const { before, after, up } = WHAT_IF.parse(run('what-if', 'v1', '--set', 'heat+=1'));
  // By construction wear is 20 for each unit of heat; at the hottest machines the model has nothing above.
  assert.ok(Number(after) - Number(before) > 10 && Number(after) - Number(before) < 20 && (up ?? 0) > 400);
  const next = NEXT.parse(run('label-next', '--window', '2d', '--count', '5'));
  assert.deepEqual([next.unlabelled, next.requests.length], [UNLABELLED, 5]);
  assert.match(next.requests[0]?.reason ?? '', /the model says 12\.5, and not how sure it is/);
});

/** A world that has served, with some rows more that have no label; answers commands with the JSON they print. */
async function commands(t: TestContext, task: OtherTask, answer: Record<string, unknown>) {
  const { loop, contracts } = await servedTask(t, task);
  const model = loop.names.database;
  for (const stream of STREAMS) {
    const { subject } = taskContract(model, stream, task);
    await loop.registry.register({ subject, definition: taskDefinition(stream, task) });
  }
  const more = taskRows({ rows: UNLABELLED, fromMs: SERVED_UNTIL, days: 1, seed: 4 });
  const unlabelled = more.map(({ wear: _, grade: __, ...row }) => ({
    ...row,
    ...answer,
    model_version: 'v1',
    latency_ms: 1,
    producer: 'test',
  }));
  await storeRows(loop.clickhouse, contracts.serving, unlabelled, 1_000);
  const file = join(loop.names.directory, 'driftwatch.yaml');
  await writeFile(file, `database: ${model}\nmodels:\n  ${model}: {}\n`);
  const { registryUrl, clickhouse } = stack();
  return (...args: readonly string[]): unknown => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [MAIN, ...args, '--json', '--config', file, '--home', loop.names.directory],
      {
        encoding: 'utf8',
        env: {
          ...process.env,
          DRIFTWATCH_STORE: loop.names.directory,
          SCHEMA_REGISTRY_URL: registryUrl,
          CLICKHOUSE_URL: clickhouse.url,
          CLICKHOUSE_USER: clickhouse.username,
          CLICKHOUSE_PASSWORD: clickhouse.password,
        },
      },
    );
    assert.deepEqual([status, stderr], [0, '']);
    return JSON.parse(stdout);
  };
}

const MEASURED = z.object({ value: z.number().optional() });
const REPLAY = z.object({ own: z.object({ same: z.number() }), measure: z.string(), replayedLoss: MEASURED });
const ANALYSIS = z.object({
  task: z.string(),
  rows: z.number(),
  metrics: z.record(z.string(), MEASURED),
  leftOut: z.array(z.string()),
});
const MEAN = z.union([z.number(), z.record(z.string(), z.number())]);
const WHAT_IF = z.object({ before: MEAN, after: MEAN, up: z.number().optional() });
const NEXT = z.object({ unlabelled: z.number(), requests: z.array(z.object({ reason: z.string() })) });
