import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Challenger, experimentRows } from '../../../src/core/evaluation/experiment-rows.ts';
import { runExperiment } from '../../../src/core/evaluation/run-experiment.ts';
import {
  boundedError,
  EXPECTED_ERROR_LOSS,
  errorSequence,
  LARGEST_ERROR_LOSS,
} from '../../../src/core/experiments/bounded-error.ts';
import { boundedBoundary, reachOf } from '../../../src/core/experiments/bounded-sequence.ts';
import {
  boundary,
  gainOfLabel,
  SEQUENCE_DEFAULTS,
} from '../../../src/core/experiments/confidence-sequence.ts';
import { squaredLosses } from '../../../src/core/performance/row-loss.ts';
import { seededRandom } from '../../../src/core/random.ts';

type Other = 'multiclass' | 'regression';

test('over A/A experiments that are looked at after every label, at most one in twenty is promoted, of classes and of numbers', () => {
  for (const task of ['multiclass', 'regression'] as const) {
    for (const { share, kind, scored } of [
      { share: 0.5, kind: 'same', scored: 'one' },
      { share: 0.5, kind: 'twin', scored: 'both' },
    ] as const) {
      const ends = run({ task, share, scored, challenger: { kind }, runs: 120 });
      assert.ok(ends.promoted <= 6, `${task}, ${scored}: ${ends.promoted} of 120`);
    }
  }
});

test('a version that is truly better is promoted and one that is worse is not, of classes and of numbers', () => {
  for (const task of ['multiclass', 'regression'] as const) {
    const share = 0.5;
    const better = run({ task, share, scored: 'both', challenger: { kind: 'other', error: 0.3 }, runs: 20 });
    assert.deepEqual([better.promoted, better.back], [20, 0], task);
    const worse = run({ task, share, scored: 'both', challenger: { kind: 'other', error: 1.3 }, runs: 20 });
    assert.deepEqual([worse.promoted, worse.back], [0, 20], task);
  }
});

test('seldom and large gains of a small share cross the normal mixture too often, and the bounded one hardly ever', () => {
  const share = 0.05;
  const reach = reachOf({
    bound: LARGEST_ERROR_LOSS,
    expected: EXPECTED_ERROR_LOSS,
    shares: [share],
    scored: 'one',
  });
  let [normal, bounded] = [0, 0];
  for (let seed = 0; seed < 200; seed += 1) {
    const random = seededRandom(seed);
    let [n, sum, squares, crossed, crossedBounded] = [0, 0, 0, false, false];
    while (n < 4_000) {
      // One row in a hundred costs the most there is, and others nothing.
      const loss = random() < 0.01 ? LARGEST_ERROR_LOSS : 0;
      const arm = random() < share ? 'challenger' : 'champion';
      const gain = gainOfLabel({ arm, share, loss, expected: 0 });
      n += 1;
      sum += gain;
      squares += gain * gain;
      if (n < SEQUENCE_DEFAULTS.minimum) continue;
      crossed ||= sum > boundary(squares, 5_000, 0.05);
      crossedBounded ||=
        sum > boundedBoundary({ squares, reach: reach.below, alpha: 0.05, tunedFor: 50_000 });
    }
    if (crossed) normal += 1;
    if (crossedBounded) bounded += 1;
  }
  assert.ok(normal > 20, `normal mixture: ${normal} of 200`);
  assert.ok(bounded <= 10, `bounded: ${bounded} of 200`);
});

test('the boundary is one of its lines, grows with what has varied, and is near the normal one where gains are small', () => {
  const of = (squares: number, reach: number): number =>
    boundedBoundary({ squares, reach, alpha: 0.025, tunedFor: 34_000 });
  assert.ok(of(40_000, 16) > of(34_000, 16) && of(34_000, 16) > of(10_000, 16));
  assert.ok(of(34_000, 150) > of(34_000, 16));
  const ratio = of(34_000, 0.01) / Math.sqrt(2 * 34_000 * Math.log(1 / 0.025));
  assert.ok(ratio > 1 && ratio < 1.3, `${ratio} times that of one look`);
});

test('no gain is out of reach, whatever the loss within the bound, the arm and the share', () => {
  const loss = fc.double({ min: 0, max: LARGEST_ERROR_LOSS, noNaN: true });
  const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(loss, share, fc.constantFrom('champion', 'challenger'), (own, p, arm) => {
      const expected = EXPECTED_ERROR_LOSS;
      const { below, above } = reachOf({ bound: LARGEST_ERROR_LOSS, expected, shares: [p], scored: 'one' });
      const gain = gainOfLabel({ arm, share: p, loss: own, expected });
      assert.ok(gain >= -below - 1e-9 && gain <= above + 1e-9);
    }),
  );
});

test('the loss of a number is that of the gate less its constant, up to four standard deviations', () => {
  const [predictions, labels] = [
    [1, 2, 30],
    [1.5, 4, 0],
  ];
  const constant = Math.log(2 * Math.PI * 4) / 2;
  const gate = squaredLosses(predictions, labels, 4);
  const bounded = predictions.map((prediction, row) => boundedError(prediction, labels[row] ?? 0, 4));
  assert.ok(Math.abs((bounded[0] ?? 0) + constant - (gate[0] ?? 0)) < 1e-12);
  assert.ok(Math.abs((bounded[1] ?? 0) + constant - (gate[1] ?? 0)) < 1e-12);
  assert.equal(bounded[2], LARGEST_ERROR_LOSS);
  assert.equal(boundedError(Number.NaN, 1, 4), LARGEST_ERROR_LOSS);
});

function run(args: {
  task: Other;
  share: number;
  scored: 'one' | 'both';
  challenger: Challenger;
  runs: number;
}): { promoted: number; back: number } {
  const { task, share, scored } = args;
  const options =
    task === 'regression' ? errorSequence({ lossSd: 1, shares: [share], scored }) : SEQUENCE_DEFAULTS;
  const actions = Array.from({ length: args.runs }, (_, seed) => {
    const random = seededRandom(seed + 1);
    return runExperiment({
      random,
      row: experimentRows(random, args.challenger, task),
      answers: 3_000,
      options,
      share,
      scored,
      late: 'none',
      ...(task === 'regression' ? { expected: EXPECTED_ERROR_LOSS } : {}),
    }).action;
  });
  const count = (action: string): number => actions.filter((one) => one === action).length;
  return { promoted: count('promote'), back: count('roll back') };
}
