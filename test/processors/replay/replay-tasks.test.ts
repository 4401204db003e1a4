import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayModel } from '../../../processors/replay/replay-model.ts';
import type { Answer } from '../../../src/core/performance/answers.ts';
import { SERVED_FROM, SERVED_UNTIL, servedTask } from '../../fixtures/served-task.ts';
import type { TaskRow } from '../../fixtures/tasks.ts';

const WINDOW = { fromMs: SERVED_FROM, untilMs: SERVED_UNTIL };
const REPAIR = {
  feature: 'heat',
  transform: 'thousand',
  where: { field: 'color', value: 'red' },
} as const;

/** Red machines send their heat in thousands. */
function brokenRed(row: TaskRow): TaskRow {
  return isBroken(row) ? { ...row, heat: (row.heat ?? 0) / 1_000 } : row;
}

function isBroken({ color, heat }: TaskRow): boolean {
  return color === 'red' && heat !== null;
}

test('a version of classes is replayed bit for bit, one wrong probability and one wrong name are found, and a repair brings the loss back', async (t) => {
  const spoilAnswer = (answer: Answer, at: number): Answer => {
    if (typeof answer === 'number' || at > 1) return answer;
    const { label, probabilities } = answer;
    const other = label === 'low' ? 'high' : 'low';
    if (at === 1) return { label: other, probabilities };
    return { label, probabilities: { ...probabilities, [other]: (probabilities[other] ?? 0) + 1e-9 } };
  };
  const { contracts, ports, rows, answers } = await servedTask(t, 'multiclass', {
    row: brokenRed,
    answer: spoilAnswer,
  });
  const replay = await replayModel({ ports, contracts, version: 'v1', ...WINDOW, repair: REPAIR });
  assert.equal(replay.own.n - replay.own.same, 2, 'the two planted answers are the only ones that differ');
  assert.ok(Math.abs(replay.own.largest - 1e-9) < 1e-12, `${replay.own.largest}`);
  assert.deepEqual([replay.rows, replay.others.n, replay.measure], [rows.length, 0, 'log-loss']);
  const losses = rows.map(({ grade }, at) => {
    const answer = answers[at];
    return typeof answer === 'object' ? -Math.log(answer.probabilities[grade] ?? 0) : Number.NaN;
  });
  const { replayedLoss, repaired } = replay;
  assert.ok(replayedLoss.status === 'ok' && replayedLoss.n === rows.length);
  assert.ok(Math.abs(replayedLoss.value - mean(losses)) < 1e-6);
  assert.equal(repaired?.changedRows, rows.filter(isBroken).length);
  assert.ok(repaired.lossBefore.status === 'ok' && repaired.lossAfter.status === 'ok');
  assert.ok(repaired.lossAfter.value < repaired.lossBefore.value - 0.2);
  assert.ok(typeof repaired.meanAfter === 'object');
  assert.deepEqual(Object.keys(repaired.meanAfter), ['low', 'mid', 'high']);
  assert.ok(Math.abs(Object.values(repaired.meanAfter).reduce((sum, p) => sum + p, 0) - 1) < 1e-6);
});

test('a version of numbers is replayed bit for bit, one wrong number is found, and a repair brings the error back', async (t) => {
  const { contracts, ports, rows, answers } = await servedTask(t, 'regression', {
    row: brokenRed,
    answer: (answer, at) => (typeof answer === 'number' && at === 7 ? answer + 1e-9 : answer),
  });
  const replay = await replayModel({ ports, contracts, version: 'v1', ...WINDOW, repair: REPAIR });
  assert.equal(replay.own.n - replay.own.same, 1, 'the planted answer is the only one that differs');
  const squares = rows.map(({ wear }, at) => (wear - Number(answers[at])) ** 2);
  const { replayedLoss, repaired } = replay;
  assert.equal(replay.measure, 'mean squared error');
  assert.ok(replayedLoss.status === 'ok' && replayedLoss.n === rows.length);
  assert.ok(Math.abs(replayedLoss.value - mean(squares)) < 1e-6 * mean(squares));
  assert.equal(repaired?.changedRows, rows.filter(isBroken).length);
  assert.ok(repaired.lossBefore.status === 'ok' && repaired.lossAfter.status === 'ok');
  assert.ok(repaired.lossAfter.value < repaired.lossBefore.value / 2);
  assert.equal(typeof repaired.meanBefore, 'number');
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
