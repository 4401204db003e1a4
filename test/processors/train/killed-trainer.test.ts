import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { eventId } from '../../../src/core/uuid.ts';
import { askFor, type Loop, machineModel, makeLoop, releasesOf, storeRows } from '../../fixtures/loop.ts';
import { machineRows } from '../../fixtures/machines.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const PROGRAM = fileURLToPath(new URL('../../fixtures/trainer-that-dies.ts', import.meta.url));
/** In the order of the work; each run dies one step later than the one before. */
const STEPS = [
  'train.planned',
  'train.exported',
  'train.started',
  'train.progress',
  'train.decided',
  'train.recorded',
  'train.queued',
  'outbox.sent',
  'outbox.found',
];

test('a trainer killed at any step gives one decision, and the one it would have given', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('killed'));
  const untouched = await makeLoop(t, stack(), uniqueName('killed'));
  for (const one of [loop, untouched]) {
    const rows = machineRows({ rows: 1500, fromMs: START, days: 28, seed: 1 });
    await storeRows(one.clickhouse, machineModel('machines').contract, rows);
    const requestId = eventId('test', 'killed');
    await askFor(one, { requestId, model: 'machines', fromMs: START, untilMs: START + 28 * DAY });
  }
  assert.deepEqual(await run(untouched, 'never'), { code: 0, signal: null });
  for (const step of STEPS) {
    assert.deepEqual(await run(loop, step), { code: null, signal: 'SIGKILL' }, `not killed at ${step}`);
  }
  // More rows than were there when the ranges were fixed: they must not get in.
  const later = machineRows({ rows: 600, fromMs: START, days: 28, seed: 9 });
  await storeRows(loop.clickhouse, machineModel('machines').contract, later, 500);
  // The last one waits until the group has given up on the one before; the others need not.
  assert.deepEqual(await run(loop, 'never', STEPS.at(-1)), { code: 0, signal: null });

  const releases = await releasesOf(loop);
  assert.equal(releases.length, 1);
  assert.deepEqual(releases, await releasesOf(untouched));
  assert.deepEqual(await decisions(loop), await decisions(untouched));
  assert.equal((await decisions(loop)).length, 1);
  assert.deepEqual(await readdir(join(loop.names.directory, 'models', 'machines')), ['v1']);
  assert.deepEqual(await readdir(join(loop.names.directory, 'jobs')), []);
});

async function run(
  loop: Loop,
  fatal: string,
  group = fatal,
): Promise<{ code: number | null; signal: string | null }> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(loop.names), fatal, group], {
    stdio: 'inherit',
  });
  const [code, signal] = await once(child, 'exit');
  return z.object({ code: z.number().nullable(), signal: z.string().nullable() }).parse({ code, signal });
}

const ROW = z.object({
  version: z.string(),
  request_id: z.string(),
  status: z.string(),
  sha256: z.string(),
  snapshot_sha256: z.string(),
  snapshot_rows: z.coerce.number(),
  log_loss_after: z.number(),
});

function decisions(loop: Loop): Promise<z.infer<typeof ROW>[]> {
  return loop.clickhouse.rows('model-version-details', { model: 'machines' }, ROW);
}
