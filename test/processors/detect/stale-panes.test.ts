import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stalePanes } from '../../../processors/detect/stale-panes.ts';
import type { RevisionRow } from '../../../processors/panes/rows.ts';
import { plainView } from '../../fixtures/plain-view.ts';
import { revisionRow } from '../../fixtures/revision-row.ts';

const HOUR = 3_600_000;
const view = plainView({ features: [], tables: { training: 't', serving: 's', labels: 'l' } });

function revision(hour: number, rows: number, of = 0): RevisionRow {
  return revisionRow({ pane_start: hour * HOUR, revision: of, rows });
}

/** Stale hours of serving and skew, with so many rows of each table stored per hour. */
async function stale(args: {
  serving: readonly number[];
  training?: readonly number[];
  settled: readonly RevisionRow[];
  nextHour: number;
  stage?: 'serving' | 'skew';
  judged?: Map<string, number>;
  latenessMs?: number;
}): Promise<readonly number[]> {
  const { stage = 'serving' } = args;
  const perHour = (counts: readonly number[] = []) =>
    new Map(counts.flatMap((rows, hour) => (rows === 0 ? [] : [[hour * HOUR, rows] as const])));
  const found = await stalePanes({
    read: {
      paneRows: async (table) => perHour(table === 's' ? args.serving : table === 't' ? args.training : []),
      judgedRevisions: async () => args.judged ?? new Map(),
    },
    view,
    paneMs: HOUR,
    labelDelayMs: 0,
    latenessMs: args.latenessMs ?? 90 * 24 * HOUR,
    settled: new Map([[stage, { revisions: args.settled, nextMs: args.nextHour * HOUR }]]),
  });
  return (found.get(stage) ?? []).map((startMs) => startMs / HOUR);
}

test('panes counted from fewer rows than are stored are stale, and those with all of them are not', async () => {
  const settled = [revision(0, 5), revision(1, 6)];
  assert.deepEqual(await stale({ serving: [5, 7], settled, nextHour: 2 }), [1]);
});

test('a pane of which nothing had come is stale when its rows are there, from the first judged one on', async () => {
  const settled = [revision(1, 5), revision(3, 5)];
  assert.deepEqual(await stale({ serving: [4, 5, 9, 5, 8], settled, nextHour: 4 }), [2]);
  assert.deepEqual(await stale({ serving: [4, 5, 9, 5, 8], settled, nextHour: 5 }), [2, 4]);
});

test('a silent pane stays silent while only the other side of its join has rows', async () => {
  const settled = [revision(0, 8)];
  const of = { stage: 'skew' as const, training: [4, 4], settled, nextHour: 2 };
  assert.deepEqual(await stale({ ...of, serving: [4, 0] }), []);
  assert.deepEqual(await stale({ ...of, serving: [4, 1] }), [1]);
});

test('a revision whose verdicts were not all corrected is stale', async () => {
  const settled = [revision(0, 5, 1)];
  assert.deepEqual(
    await stale({ serving: [5], settled, nextHour: 1, judged: new Map([['serving/0', 0]]) }),
    [0],
  );
  assert.deepEqual(
    await stale({ serving: [5], settled, nextHour: 1, judged: new Map([['serving/0', 1]]) }),
    [],
  );
});

test('panes further back than the allowed lateness stay as they are', async () => {
  const settled = [revision(0, 5), revision(9, 5)];
  const of = { serving: [6, 1, 0, 0, 0, 0, 0, 0, 0, 5], settled, nextHour: 10 };
  assert.deepEqual(await stale({ ...of, latenessMs: 5 * HOUR }), []);
  assert.deepEqual(await stale({ ...of, latenessMs: 8 * HOUR }), [1]);
});
