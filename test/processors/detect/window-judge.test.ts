import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WindowReader } from '../../../processors/detect/read-window.ts';
import { cellKey, type PaneWindow } from '../../../processors/detect/references.ts';
import type { Task } from '../../../processors/detect/stage.ts';
import { openWindowJudge } from '../../../processors/detect/window-judge.ts';
import { parseConfig } from '../../../src/config.ts';
import { seededRandom } from '../../../src/core/random.ts';
import type { ClickHouse } from '../../../src/io/clickhouse/client.ts';
import { plainView } from '../../fixtures/plain-view.ts';
import { revisionRow } from '../../fixtures/revision-row.ts';

const HOUR = 3_600_000;
const FIRST = 1_000;
const VIEW = plainView({
  features: [
    {
      field: { name: 'x', role: 'feature', kind: 'numeric', avro: 'double', nullable: false },
      kind: 'numeric',
    },
  ],
});

test('going back, near or far, gives the verdicts of the first time', async () => {
  const judge = openJudge();
  const decide = (at: number) => judge.decide(taskAt(at));
  const first = new Map<number, unknown>();
  for (let at = 0; at < 450; at += 1) first.set(at, await decide(at));
  assert.ok([...first.values()].some((verdicts) => JSON.stringify(verdicts).includes('"drift"')));
  // 60 and 171 are forgotten by now and made again from a memory before them; 400 is remembered.
  for (const from of [400, 171, 60]) {
    await judge.goBack('serving', FIRST * HOUR + from * HOUR);
    for (let at = from; at < from + 20; at += 1) assert.deepEqual(await decide(at), first.get(at), `${at}`);
  }
});

test('without going back the verdicts would be others', async () => {
  const judge = openJudge();
  const first = new Map<number, unknown>();
  for (let at = 0; at < 80; at += 1) first.set(at, await judge.decide(taskAt(at)));
  assert.notDeepEqual(await judge.decide(taskAt(60)), first.get(60));
});

function taskAt(at: number): Task {
  const startMs = (FIRST + at) * HOUR;
  return { stage: 'serving', startMs, revision: 0, readyMs: startMs + HOUR };
}

function openJudge() {
  const settings = { pane: '1h', season: 'none', trailing: 20, minimum_windows: 8, minimum_rows: 50 };
  const config = parseConfig({ models: { toy: settings } }, 'test').models['toy'] ?? assert.fail();
  return openWindowJudge({
    clickhouse: NO_VERSIONS,
    view: VIEW,
    config,
    budget: { falsePages: 1, perMs: 720 * HOUR },
    read: READ,
  });
}

/** Half of the rows change bins every hundred windows. */
function paneAt(startMs: number): PaneWindow {
  const random = seededRandom(startMs / HOUR);
  const high = Math.floor(startMs / HOUR / 100) % 2 === 0 ? 0.7 : 0.2;
  const counts = [0, 0, 0, 0];
  for (let row = 0; row < 400; row += 1) {
    const code = (random() < high ? 2 : 0) + (random() < 0.5 ? 0 : 1);
    counts[code] = (counts[code] ?? 0) + 1;
  }
  const n = counts.reduce((sum, count) => sum + count, 0);
  const total = counts.reduce((sum, count, code) => sum + code * count, 0);
  const squares = counts.reduce((sum, count, code) => sum + code * code * count, 0);
  return {
    startMs,
    pane: { n, codes: [0, 1, 2, 3], counts, finite: n, total, squares, minimum: 0, maximum: 3 },
  };
}

const unused = () => assert.fail('not asked for here');
const READ: WindowReader = {
  servingVersion: unused,
  joint: async () => undefined,
  labelled: unused,
  panes: async ({ fromMs }) => new Map([[cellKey('x', ''), [paneAt(fromMs)]]]),
  revision: async ({ startMs }) => revisionRow({ pane_start: startMs, rows: 400 }),
  revisions: unused,
  judgedRevisions: unused,
  revisionBefore: async () => undefined,
  skew: unused,
  skewPairs: unused,
  performance: unused,
  losses: unused,
  schemas: async () => [],
  progress: unused,
  paneRows: unused,
};
const NO_VERSIONS: ClickHouse = {
  rows: async () => [],
  run: unused,
  bytes: unused,
  runEach: unused,
  insert: unused,
  insertAvro: unused,
  statement: unused,
  ping: unused,
  close: unused,
};
