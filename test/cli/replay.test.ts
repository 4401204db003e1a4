import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { STREAMS } from '../../src/core/contract/contract.ts';
import { makeLoop } from '../fixtures/loop.ts';
import { machineContract, machineDefinition } from '../fixtures/machines.ts';
import { stack, uniqueName } from '../fixtures/stack.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

test('receipts, replay-model and datasets find the systems, and say what is not there yet', async (t) => {
  const model = uniqueName('cli_replay');
  const loop = await makeLoop(t, stack(), model);
  for (const stream of STREAMS) {
    const { subject } = machineContract(model, stream);
    await loop.registry.register({ subject, definition: machineDefinition(stream) });
  }
  const file = join(loop.names.directory, 'driftwatch.yaml');
  await writeFile(file, `database: ${model}\nmodels:\n  ${model}: {}\n`);
  const run = (...args: readonly string[]) => {
    const { registryUrl, clickhouse } = stack();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [MAIN, ...args, '--config', file, '--home', loop.names.directory],
      {
        encoding: 'utf8',
        env: {
          ...process.env,
          SCHEMA_REGISTRY_URL: registryUrl,
          CLICKHOUSE_URL: clickhouse.url,
          CLICKHOUSE_USER: clickhouse.username,
          CLICKHOUSE_PASSWORD: clickhouse.password,
        },
      },
    );
    return { status, stdout, stderr };
  };
  assert.deepEqual(run('receipts'), {
    status: 0,
    stdout: `No version of ${model} has replaced another yet.\n`,
    stderr: '',
  });
  const replay = run('replay-model', 'v1', '--from', '2024-01-01', '--until', '2024-02-01');
  assert.equal(replay.status, 1);
  assert.match(replay.stderr, /There is no trained version v1; there are none\. Name one of them\./);
  const other = run('receipts', '--model', 'nobody');
  assert.match(other.stderr, /There is no model "nobody"/);
  assert.deepEqual(run('datasets', 'list'), {
    status: 0,
    stdout: 'No version has been trained yet.\n',
    stderr: '',
  });
  assert.match(run('analyse', 'v1').stderr, /No data set goes by "v1"; there are none/);
});
