import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryHome } from '../fixtures/own-stack.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../deploy/driftwatch.example.yaml', import.meta.url));

function config(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, 'config', ...args], { encoding: 'utf8' });
}

test('the schema names every setting of the example, and the example passes', () => {
  const schema = JSON.parse(config('--schema').stdout);
  const said = JSON.parse(config('--config', EXAMPLE).stdout);
  const settings = Object.keys(schema.properties);
  for (const name of Object.keys(said)) assert.ok(settings.includes(name), name);
  assert.ok(settings.includes('budget'));
});

test('a mistake is a sentence with the name of the setting, and status 1', (t) => {
  const file = join(temporaryHome(t), 'driftwatch.yaml');
  writeFileSync(file, 'models: {}\nbugdet: 3\n');
  const wrong = config('--config', file);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /bugdet/);
});
