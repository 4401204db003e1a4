import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  advanceRun,
  beginRollout,
  moveRollout,
  type RolloutLook,
  type RolloutMove,
  type RolloutPlan,
  type RolloutRun,
} from '../../../src/core/experiments/rollout.ts';

const DAY = 86_400_000;
const PLAN: RolloutPlan = {
  shadow: false,
  steps: [0.05, 0.5],
  minimumMs: DAY,
  minimumLabels: 100,
  endAfter: 5_000,
};
const NAMES = { experiment: 'e', champion: 'v1', challenger: 'v2' };
const BETTER = { status: 'ok', gain: 0.1, low: 0.05, high: 0.15, n: 900 } as const;
const OPEN = { status: 'ok', gain: 0.01, low: -0.05, high: 0.07, n: 900 } as const;
const WORSE = { status: 'ok', gain: -0.1, low: -0.15, high: -0.05, n: 900 } as const;

function look(changes: Partial<RolloutLook> = {}): RolloutLook {
  return {
    gain: OPEN,
    ratio: { status: 'held', pValue: 1, n: 1_000 },
    guardrails: [],
    stageLabels: 100,
    stageMs: DAY,
    ...changes,
  };
}

/** The run that a list of moves leads to. */
function after(...moves: readonly RolloutMove[]): RolloutRun {
  let run: RolloutRun | undefined;
  for (const move of moves) if (move.action !== 'wait') run = advanceRun(run, move.change);
  return run ?? assert.fail('the run has ended');
}

test('a stage lasts as long as time and labels are missing, and then the next share holds from the time given', () => {
  const begun = beginRollout({ plan: PLAN, ...NAMES, fromMs: 7 });
  const run = after(begun);
  assert.deepEqual(run, { ...NAMES, stages: [{ share: 0.05, fromMs: 7 }] });
  const at = (changes: Partial<RolloutLook>): string =>
    moveRollout({ plan: PLAN, run, look: look(changes), fromMs: 9 }).action;
  assert.equal(at({ stageMs: DAY - 1 }), 'wait');
  assert.equal(at({ stageLabels: 99 }), 'wait');
  assert.equal(at({ stageMs: undefined }), 'wait');
  assert.equal(at({ gain: BETTER, stageMs: DAY - 1 }), 'wait', 'a proven gain waits for the stage as well');
  const next = moveRollout({ plan: PLAN, run, look: look({ gain: BETTER }), fromMs: 9 });
  assert.equal(next.action, 'step');
  assert.deepEqual(after(begun, next).stages, [
    { share: 0.05, fromMs: 7 },
    { share: 0.5, fromMs: 9 },
  ]);
});

test('after the last stage a proven gain promotes, and nothing else does', () => {
  const run: RolloutRun = { ...NAMES, stages: [{ share: 0.5, fromMs: 7 }] };
  const move = (gain: RolloutLook['gain']): RolloutMove =>
    moveRollout({ plan: PLAN, run, look: look({ gain }), fromMs: 9 });
  const promoted = move(BETTER);
  assert.ok(promoted.action === 'promote' && promoted.change.champion === 'v2');
  assert.equal(advanceRun(run, promoted.change), undefined);
  assert.equal(move(OPEN).action, 'wait');
  assert.equal(move({ status: 'insufficient', need: 500, have: 3 }).action, 'wait');
  const tired = move({ ...OPEN, n: 5_000 });
  assert.ok(tired.action === 'roll back' && tired.change.champion === 'v1');
  assert.match(tired.reasons[0] ?? '', /no gain above 0 is proven by 5000 labels/);
});

test('harm sends back at once, at any stage', () => {
  const run: RolloutRun = { ...NAMES, stages: [{ share: 0.05, fromMs: 7 }] };
  const early = { stageMs: 0, stageLabels: 0 };
  const harms: Partial<RolloutLook>[] = [
    { gain: WORSE },
    { ratio: { status: 'mismatch', pValue: 1e-9, n: 1_000, observed: 0.5 } },
    { guardrails: [{ name: 'log-loss of site=a', interval: WORSE, tolerance: 0.01 }] },
  ];
  for (const harm of harms) {
    const move = moveRollout({ plan: PLAN, run, look: look({ ...early, ...harm }), fromMs: 9 });
    assert.ok(move.action === 'roll back' && move.change.champion === 'v1', JSON.stringify(move));
    assert.deepEqual([move.change.versions, move.change.shadows], [[], []]);
  }
});

test('with a shadow each version scores what the other answers, and the shadow comes before any share', () => {
  const plan = { ...PLAN, shadow: true };
  const begun = beginRollout({ plan, ...NAMES, fromMs: 7 });
  assert.ok(begun.action === 'shadow');
  assert.deepEqual([begun.change.versions, begun.change.shadows], [[], ['v2']]);
  const run = after(begun);
  assert.deepEqual(run.stages, [{ share: 0, fromMs: 7 }]);
  const next = moveRollout({ plan, run, look: look(), fromMs: 9 });
  assert.ok(next.action === 'step');
  assert.deepEqual(next.change.shadows, ['v1', 'v2']);
  assert.deepEqual(after(begun, next).stages.at(-1), { share: 0.05, fromMs: 9 });
  const alone = { ...plan, steps: [] };
  const promoted = moveRollout({ plan: alone, run, look: look({ gain: BETTER }), fromMs: 9 });
  assert.equal(promoted.action, 'promote', 'without steps the shadow decides');
});

test('a split that a person made is no comparison of two versions', () => {
  const versions = ['v1', 'v2'].map((version) => ({ version, weight: 1 }));
  const split = { action: 'split', champion: 'v1', experiment: 'mine', versions, shadows: [] } as const;
  assert.equal(advanceRun(undefined, split), undefined);
});
