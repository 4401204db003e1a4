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
import { boundedBoundary, reachOf, weightOfShare } from '../../../src/core/experiments/bounded-sequence.ts';
import {
  boundary,
  gainOfLabel,
  reachOfLabel,
  SEQUENCE_DEFAULTS,
} from '../../../src/core/experiments/confidence-sequence.ts';
import type { Task } from '../../../src/core/models/model.ts';
import { squaredLosses } from '../../../src/core/performance/row-loss.ts';
import { seededRandom } from '../../../src/core/random.ts';

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
  let [normal, bounded] = [0, 0];
  for (let seed = 0; seed < 200; seed += 1) {
    const random = seededRandom(seed);
    let [n, sum, reach, crossed, crossedBounded] = [0, 0, 0, false, false];
    const powers = { squares: 0, cubes: 0, fourths: 0 };
    while (n < 4_000) {
      // One row in a hundred costs the most there is, and others nothing.
      const loss = random() < 0.01 ? LARGEST_ERROR_LOSS : 0;
      const arm = random() < share ? 'challenger' : 'champion';
      const gain = gainOfLabel({ arm, share, loss, expected: 0 });
      n += 1;
      sum += gain;
      powers.squares += gain ** 2;
      powers.cubes += gain ** 3;
      powers.fourths += gain ** 4;
      reach = Math.max(reach, reachOfLabel({ share, loss, expected: 0 }));
      if (n < SEQUENCE_DEFAULTS.minimum) continue;
      crossed ||= sum > boundary(powers.squares, 5_000, 0.05);
      crossedBounded ||=
        sum > boundedBoundary({ ...powers, reach, alpha: 0.05, tunedFor: 50_000, known: 'so far' });
    }
    if (crossed) normal += 1;
    if (crossedBounded) bounded += 1;
  }
  assert.ok(normal > 20, `normal mixture: ${normal} of 200`);
  assert.ok(bounded <= 10, `bounded: ${bounded} of 200`);
});

test('versions that err seldom and hugely are not promoted for it, though the challenger answers few ids, and worse ones go', () => {
  for (const share of [0.05, 0.5]) {
    for (const task of ['classification', 'multiclass'] as const) {
      const about = { task, share, scored: 'one', versions: 'sure' } as const;
      const same = run({ ...about, challenger: { kind: 'same' }, runs: 60 });
      assert.ok(same.promoted <= 3, `${task} at ${share}: ${same.promoted} of 60`);
      const twin = run({ ...about, challenger: { kind: 'twin' }, runs: 60 });
      assert.ok(twin.promoted <= 3, `${task}, twins at ${share}: ${twin.promoted} of 60`);
    }
  }
  const worse = run({
    task: 'classification',
    share: 0.5,
    scored: 'one',
    versions: 'sure',
    challenger: { kind: 'other', error: 0.06 },
    runs: 20,
  });
  assert.deepEqual([worse.promoted, worse.back], [0, 20]);
});

test('the boundary grows with what has varied and with the size of gains, and is near the normal one where they are small', () => {
  const of = (squares: number, reach: number, size: number): number =>
    boundedBoundary({
      squares,
      cubes: 0,
      fourths: squares * size ** 2,
      reach,
      alpha: 0.025,
      tunedFor: 34_000,
      known: 'before',
    });
  assert.ok(of(40_000, 16, 1) > of(34_000, 16, 1) && of(34_000, 16, 1) > of(10_000, 16, 1));
  assert.ok(of(34_000, 150, 1) > of(34_000, 16, 1));
  assert.ok(of(34_000, 16, 16) > of(34_000, 16, 1), 'the same squares from larger gains');
  const ratio = of(34_000, 0.01, 0.01) / Math.sqrt(2 * 34_000 * Math.log(1 / 0.025));
  assert.ok(ratio > 1 && ratio < 1.3, `${ratio} times that of one look`);
});

test('the boundary gives away no more than bets on gains within reach do, whatever the gains are', () => {
  const reach = 5;
  const gains = fc.array(fc.double({ min: -reach, max: 40, noNaN: true }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(gains, fc.double({ min: 0.01, max: 0.18, noNaN: true }), (values, best) => {
      const power = (k: number): number => values.reduce((sum, gain) => sum + gain ** k, 0);
      const [squares, cubes, fourths] = [power(2), power(3), power(4)];
      const tunedFor = (2 * Math.log(3 / 0.05)) / best ** 2;
      const bound = boundedBoundary({
        squares,
        cubes,
        fourths,
        reach,
        alpha: 0.05,
        tunedFor,
        known: 'before',
      });
      const rates = Array.from({ length: 17 }, (_, at) => best * 2 ** (at - 8)).filter(
        (l) => l * reach <= 0.9,
      );
      const allowed = rates.map((rate) => {
        const wealth = values.reduce((sum, gain) => sum + Math.log1p(rate * gain), 0);
        return power(1) - (wealth - Math.log(1 / 0.05)) / rate;
      });
      const least = Math.min(...allowed);
      assert.ok(bound >= least - 1e-6 * Math.abs(least), `${bound} is below ${least}`);
    }),
  );
});

test('no gain is out of reach, whatever the loss within the bound, the arm and the share', () => {
  const loss = fc.double({ min: 0, max: LARGEST_ERROR_LOSS, noNaN: true });
  const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(loss, share, fc.constantFrom('champion', 'challenger'), (own, p, arm) => {
      const expected = EXPECTED_ERROR_LOSS;
      const { below, above } = reachOf({ bound: LARGEST_ERROR_LOSS, expected, shares: [p], scored: 'one' });
      const gain = weightOfShare(p) * gainOfLabel({ arm, share: p, loss: own, expected });
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
  task: Task;
  share: number;
  scored: 'one' | 'both';
  versions?: 'sure';
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
      row: experimentRows(random, args.challenger, task, args.versions),
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
