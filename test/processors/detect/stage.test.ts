import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitBudget } from '../../../processors/detect/error-budget.ts';
import { lateFor, nextTasks, type Stage } from '../../../processors/detect/stage.ts';

const DAY = 86_400_000;
const stage = (name: Stage['name'], nextMs?: number, dirty: number[] = [], judged: number[] = []): Stage => ({
  name,
  ...(nextMs === undefined ? {} : { nextMs }),
  ...(judged[0] === undefined ? {} : { firstMs: judged[0] }),
  dirty: new Set(dirty),
  revisions: new Map(judged.map((startMs) => [startMs, 0])),
});
const nextTask = (of: Parameters<typeof nextTasks>[0]) => nextTasks(of)[0];
const settings = { paneMs: DAY, skewDelayMs: 36 * 3_600_000 };

test('a pane is judged when every stream it needs has passed its end', () => {
  const stages = [stage('serving', 0), stage('labels', 0), stage('skew', 0)];
  assert.equal(nextTask({ ...settings, stages, times: { serving: DAY - 1 } }), undefined);
  assert.equal(nextTask({ ...settings, stages, times: { serving: DAY } })?.stage, 'serving');
  const labels = nextTask({
    ...settings,
    stages: [stage('serving', DAY), stage('labels', 0)],
    times: { serving: DAY, labels: DAY },
  });
  assert.equal(labels?.stage, 'labels');
});

test('a stage whose stream stands still does not hold the others up', () => {
  const task = nextTask({
    ...settings,
    stages: [stage('skew', 0), stage('serving', 3 * DAY)],
    times: { serving: 4 * DAY },
  });
  assert.deepEqual([task?.stage, task?.startMs], ['serving', 3 * DAY]);
});

test('panes come in the order in which they could first be judged', () => {
  const stages = [stage('serving', 2 * DAY), stage('skew', 0)];
  const times = { serving: 9 * DAY, training: 9 * DAY };
  const task = nextTask({ ...settings, stages, times });
  assert.deepEqual([task?.stage, task?.readyMs], ['skew', 2.5 * DAY]);
});

test('while a pane of any stage is owed, no stage has a late one: what comes first is among the next of each stage', () => {
  const owed: Stage = { ...stage('serving', 2 * DAY, [], [0, DAY]), owedMs: 3 * DAY };
  const skew = stage('skew', 2 * DAY, [DAY], [0, DAY]);
  const times = { serving: 9 * DAY, training: 9 * DAY };
  const tasks = nextTasks({ ...settings, stages: [owed, skew], times });
  assert.deepEqual(
    tasks.map((task) => [task.stage, task.startMs]),
    [
      ['serving', 2 * DAY],
      ['skew', 2 * DAY],
    ],
  );
  const paid = nextTasks({ ...settings, stages: [{ ...owed, nextMs: 3 * DAY }, skew], times });
  assert.deepEqual([paid[0]?.stage, paid[0]?.startMs, paid[0]?.revision], ['skew', DAY, 1]);
});

test('late records make a new revision of a judged pane, and none of a pane still open', () => {
  const serving = stage('serving', 2 * DAY, [], [0, DAY]);
  assert.deepEqual(
    lateFor({
      stage: serving,
      eventTimesMs: [DAY + 5, 2 * DAY + 5],
      paneMs: DAY,
      reachMs: 0,
      latenessMs: 90 * DAY,
    }),
    [DAY],
  );
  const task = nextTask({ ...settings, stages: [{ ...serving, dirty: new Set([DAY]) }], times: {} });
  assert.deepEqual([task?.startMs, task?.revision], [DAY, 1]);
});

test('a pane that nothing had come for is judged when its rows come late, and none before the first', () => {
  const serving = stage('serving', 4 * DAY, [], [DAY, 3 * DAY]);
  const eventTimesMs = [5, 2 * DAY + 5];
  const late = lateFor({ stage: serving, eventTimesMs, paneMs: DAY, reachMs: 0, latenessMs: 90 * DAY });
  assert.deepEqual(late, [2 * DAY]);
  const task = nextTask({ ...settings, stages: [{ ...serving, dirty: new Set(late) }], times: {} });
  assert.deepEqual([task?.startMs, task?.revision], [2 * DAY, 1]);
});

test('a late prediction reaches the label panes that its label may be in', () => {
  const labels = stage('labels', 4 * DAY, [], [0, DAY, 2 * DAY, 3 * DAY]);
  assert.deepEqual(
    lateFor({ stage: labels, eventTimesMs: [DAY + 5], paneMs: DAY, reachMs: DAY, latenessMs: 90 * DAY }),
    [DAY, 2 * DAY],
  );
});

test('the budget is split over windows and cells: half alone, half together', () => {
  const { alpha, evidenceAt } = splitBudget({ falsePages: 1, perMs: 30 * DAY, paneMs: DAY, cells: 100 });
  assert.equal(alpha, 1 / 6_000);
  assert.equal(evidenceAt, 6_000);
  assert.equal(splitBudget({ falsePages: 2, perMs: 30 * DAY, paneMs: DAY, cells: 100 }).alpha, 1 / 3_000);
});
