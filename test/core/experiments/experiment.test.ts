import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { experimentRows } from '../../../src/core/evaluation/experiment-rows.ts';
import { runExperiment } from '../../../src/core/evaluation/run-experiment.ts';
import { weightOfShare } from '../../../src/core/experiments/bounded-sequence.ts';
import {
  boundary,
  gainInterval,
  gainOfLabel,
  reachOfLabel,
  SEQUENCE_DEFAULTS,
} from '../../../src/core/experiments/confidence-sequence.ts';
import { decideExperiment } from '../../../src/core/experiments/decide-experiment.ts';
import { addLabel, experimentGain, startExperiment } from '../../../src/core/experiments/experiment.ts';
import { guardrailStatus } from '../../../src/core/experiments/guardrail.ts';
import { seededRandom } from '../../../src/core/random.ts';

const share = fc.double({ min: 0.05, max: 0.95, noNaN: true });
const loss = fc.double({ min: 0, max: 16, noNaN: true });

test('over the assignment, the mean gain of a label is the gain of its row, whatever was expected', () => {
  fc.assert(
    fc.property(share, loss, loss, loss, (p, champion, challenger, expected) => {
      const mean =
        (1 - p) * gainOfLabel({ arm: 'champion', share: p, loss: champion, expected }) +
        p * gainOfLabel({ arm: 'challenger', share: p, loss: challenger, expected });
      assert.ok(Math.abs(mean - (champion - challenger)) < 1e-9);
    }),
  );
});

test('with both losses known, a label says the gain of its row exactly, whichever arm answered', () => {
  fc.assert(
    fc.property(share, loss, loss, (p, champion, challenger) => {
      const sums = (label: { arm: 'champion' | 'challenger'; loss: number; other: number }) =>
        addLabel(startExperiment({ options: SEQUENCE_DEFAULTS }), { ...label, share: p, delayMs: 0 }).classes;
      const gain = champion - challenger;
      const powers = { squares: gain ** 2, cubes: 0 + gain ** 3, fourths: gain ** 4 };
      const expected = [{ n: 1, weight: 1, total: gain, ...powers, reach: Math.abs(gain) }];
      assert.deepEqual(sums({ arm: 'champion', loss: champion, other: challenger }), expected);
      assert.deepEqual(sums({ arm: 'challenger', loss: challenger, other: champion }), expected);
    }),
  );
});

test('no gain is below the reach of its label, which does not depend on the arm, and reaches no further at a small share', () => {
  fc.assert(
    fc.property(share, loss, loss, (p, own, expected) => {
      const reach = reachOfLabel({ share: p, loss: own, expected });
      for (const arm of ['champion', 'challenger'] as const) {
        assert.ok(gainOfLabel({ arm, share: p, loss: own, expected }) >= -reach - 1e-9);
      }
      assert.ok(weightOfShare(p) * reach <= 4 * Math.abs(own - expected) + 1e-9);
    }),
  );
});

test('a random walk crosses the boundary once in 1 / alpha at most, and one without the price of looking does', () => {
  let [sequence, fixed] = [0, 0];
  for (let run = 0; run < 300; run += 1) {
    const random = seededRandom(run);
    let [sum, crossed, crossedFixed] = [0, false, false];
    for (let n = 1; n <= 3_000; n += 1) {
      sum += random() < 0.5 ? 1 : -1;
      if (Math.abs(sum) > boundary(n, 500, 0.05)) crossed = true;
      if (n > 20 && Math.abs(sum) > 1.96 * Math.sqrt(n)) crossedFixed = true;
    }
    if (crossed) sequence += 1;
    if (crossedFixed) fixed += 1;
  }
  // Binomial(300, .05) exceeds 27 with probability below .001.
  assert.ok(sequence <= 27, String(sequence));
  assert.ok(fixed > 60, String(fixed));
});

test('late labels count for the answers that are too young to have one', () => {
  let experiment = startExperiment({ options: { ...SEQUENCE_DEFAULTS, minimum: 2 }, delaysMs: [10, 100] });
  const label = { arm: 'champion', share: 0.5, expected: 0 } as const;
  experiment = addLabel(experiment, { ...label, loss: 1, delayMs: 10 });
  experiment = addLabel(experiment, { ...label, loss: 3, delayMs: 11 });
  const gain = experimentGain(experiment, { answers: 8, ripe: [8, 2] });
  // Gains 2 and 6; the late one stands for four answers.
  assert.ok(gain.status === 'ok' && Math.abs(gain.gain - (2 + 4 * 6) / 5) < 1e-12);
  assert.equal(experimentGain(experiment, { answers: 80, ripe: [80, 2] }).status, 'insufficient');
  assert.equal(addLabel(experiment, { ...label, loss: 1, delayMs: 101 }).tooLate, 1);
});

test('the decision follows the interval, and a broken split or guardrail comes first', () => {
  const interval = (low: number, high: number) =>
    ({ status: 'ok', gain: (low + high) / 2, low, high, n: 900 }) as const;
  const ratio = { status: 'held', pValue: 0.4, n: 1_000, observed: 0.51 } as const;
  const action = (low: number, high: number, more = {}): string =>
    decideExperiment({ gain: interval(low, high), ratio, ...more }).action;
  assert.equal(action(0.001, 0.02), 'promote');
  assert.equal(action(0.001, 0.02, { margin: 0.002 }), 'go on');
  assert.equal(action(-0.02, -0.001), 'roll back');
  assert.equal(action(-0.01, 0.01), 'go on');
  assert.equal(action(-0.01, 0.01, { limit: 900 }), 'roll back');
  assert.equal(action(0.001, 0.02, { ratio: { ...ratio, status: 'mismatch' } }), 'roll back');
  const guardrail = { name: 'segment carrier=UA', interval: interval(-0.05, -0.03), tolerance: 0.02 };
  assert.equal(action(0.001, 0.02, { guardrails: [guardrail] }), 'roll back');
  assert.equal(guardrailStatus({ ...guardrail, tolerance: 0.04 }), 'open');
  assert.equal(guardrailStatus({ ...guardrail, tolerance: 0.06 }), 'held');
  const sums = { n: 3, weight: 3, total: 1, squares: 1, cubes: 1, fourths: 1, reach: 1 };
  const none = gainInterval(sums, SEQUENCE_DEFAULTS);
  assert.deepEqual(none, { status: 'insufficient', need: 500, have: 3 });
  assert.equal(decideExperiment({ gain: none, ratio }).action, 'insufficient');
});

test('a version that is better only on early labels is promoted when they are not weighted, and not when they are', () => {
  const promoted = (late: 'weighted' | 'unweighted'): number =>
    Array.from({ length: 10 }, (_, run) => {
      const random = seededRandom(run);
      const row = experimentRows(random, { kind: 'other', error: 0.8, shift: -0.5 });
      const options = SEQUENCE_DEFAULTS;
      return runExperiment({ random, row, answers: 10_000, options, share: 0.5, scored: 'both', late });
    }).filter(({ action }) => action === 'promote').length;
  assert.equal(promoted('weighted'), 0);
  assert.ok(promoted('unweighted') >= 8);
});
