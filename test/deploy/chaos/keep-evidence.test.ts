import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { keepEvidence } from '../../../deploy/chaos/keep-evidence.ts';
import { ownDatabase } from '../../fixtures/own-database.ts';

test('a round that ended differently tells which windows differ, what was written about them, and who decided', async (t) => {
  const clickhouse = await ownDatabase(t, 'evidence');
  const home = mkdtempSync(join(tmpdir(), 'driftwatch-evidence-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  const warning = { level: 'warn', time: 'then', pid: 7, event: 'decisions.lost', msg: 'Another decides.' };
  const lines = [
    JSON.stringify({ ...warning, level: 'info' }),
    JSON.stringify(warning),
    '{"level":"warn","ti',
  ];
  writeFileSync(join(home, 'process.log'), lines.join('\n'));
  writeFileSync(join(home, 'train.log'), '');
  await clickhouse.insert('decision_leases', [{ model: 'm', epoch: 3, owner: 'one' }]);
  const pane = { model: 'm', stream: 'skew', bins_id: '', version: '', watermark: WINDOW, rows: 9 };
  await clickhouse.insert('pane_revisions', [
    { ...pane, pane_start: WINDOW, pane_end: WINDOW, revision: 1 },
    { ...pane, pane_start: '2024-01-04T00:00:00.000Z', pane_end: WINDOW, revision: 1 },
  ]);
  const differences = [
    `- ${JSON.stringify({ kind: 'feature-skew', window_start: WINDOW })}`,
    '+ {"topic":"alerts"}',
  ];

  const told = await keepEvidence({
    loop: { name: 'm', home, clickhouse },
    differences,
    directory: join(home, 'kept'),
  });

  assert.ok(told.includes(`- feature-skew: 1 answers on 1 windows: ${WINDOW}`), told.join('\n'));
  assert.deepEqual(
    told.filter((line) => line.startsWith('pane_revisions')).map((line) => line.replace(/ all_\S+/, '')),
    [`pane_revisions  skew ${WINDOW}: 1 rows, revision 1, of 9 rows`],
  );
  assert.ok(told.some((line) => line.startsWith('lease 3 one ')));
  assert.ok(told.includes('then 7 warn decisions.lost: Another decides.'));
  assert.equal(told.filter((line) => line.startsWith('then')).length, 1);
  const kept = readFileSync(join(home, 'kept', 'm', 'differences.ndjson'), 'utf8');
  assert.deepEqual(kept.trimEnd().split('\n'), differences);
  assert.match(readFileSync(join(home, 'kept', 'm', 'pane_revisions.ndjson'), 'utf8'), /"rows":9/);
});

const WINDOW = '2024-01-03T03:00:00.000Z';
