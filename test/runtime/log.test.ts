import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLog } from '../../src/runtime/log.ts';
import { temporaryHome } from '../fixtures/own-stack.ts';

test('a log is JSON lines in a file: level, time, what was bound, the cause of an error', (t) => {
  const file = join(temporaryHome(t), 'logs', 'ingest.log');
  const log = openLog({ name: 'ingest', file });
  log.debug({}, 'not shown at level info');
  log.child({ topic: 't' }).warn({ cause: new Error('why') }, 'held');
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  assert.equal(lines.length, 1);
  const line: Record<string, unknown> = JSON.parse(lines[0] ?? '');
  assert.equal(line['level'], 'warn');
  assert.equal(line['name'], 'ingest');
  assert.equal(line['topic'], 't');
  assert.equal(line['msg'], 'held');
  assert.match(JSON.stringify(line['cause']), /why/);
});
