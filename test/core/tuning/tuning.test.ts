import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TRAINER_DEFAULTS, trainModel } from '../../../src/core/models/train-model.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { evaluateCandidate } from '../../../src/core/tuning/evaluate-candidate.ts';
import {
  bestSoFar,
  planSearch,
  type SearchPlan,
  searchState,
  type TrialResult,
  trialsOf,
} from '../../../src/core/tuning/search-plan.ts';
import { type SearchSpace, sampleCandidates } from '../../../src/core/tuning/search-space.ts';
import { timeFolds } from '../../../src/core/tuning/time-folds.ts';

const SPACE: SearchSpace = {
  rate: { kind: 'range', from: 0.001, to: 1, scale: 'log', whole: false },
  leaves: { kind: 'range', from: 2, to: 5, scale: 'linear', whole: true },
  encoding: { kind: 'choice', values: ['a', 'b'] },
};

test('candidates are drawn from the space: the settings as they are first, none twice, the same for a seed', () => {
  const draw = (space: SearchSpace) => sampleCandidates({ space, count: 400, random: seededRandom(3) });
  const candidates = draw(SPACE);
  assert.equal(candidates.length, 400);
  assert.deepEqual(candidates[0], {});
  assert.equal(new Set(candidates.map((candidate) => JSON.stringify(candidate))).size, 400);
  const turned = Object.fromEntries(Object.entries(SPACE).reverse());
  assert.deepEqual(draw(turned), candidates, 'the order of the names does not matter');
  const drawn = candidates.slice(1);
  assert.deepEqual(new Set(drawn.map(({ leaves }) => leaves)), new Set([2, 3, 4, 5]));
  assert.deepEqual(new Set(drawn.map(({ encoding }) => encoding)), new Set(['a', 'b']));
  const rates = drawn.map(({ rate }) => Number(rate));
  assert.ok(rates.every((rate) => rate >= 0.001 && rate <= 1));
  // A third of the draws per decade, 133 of 399; the bounds are five standard deviations off.
  const low = rates.filter((rate) => rate < 0.01).length;
  assert.ok(low > 86 && low < 180, `${low} of 399 below 0.01`);
});

test('a small space gives every candidate it has', () => {
  const space: SearchSpace = { encoding: { kind: 'choice', values: ['a', 'b', 'c'] } };
  assert.equal(sampleCandidates({ space, count: 50, random: seededRandom(1) }).length, 4);
});

test('folds never train on the future, split no moment, and share no id between the sides', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 30 })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 5 }), (made, folds) => {
      const eventTimesMs = made.map(([time]) => time);
      const ids = made.map(([, id]) => String(id));
      for (const { training, validation } of timeFolds({ eventTimesMs, ids, folds })) {
        assert.ok(training.length > 0 && validation.length > 0);
        const newest = Math.max(...Array.from(training, (row) => eventTimesMs[row] ?? 0));
        assert.ok(validation.every((row) => (eventTimesMs[row] ?? 0) > newest));
        const measured = new Set(Array.from(validation, (row) => ids[row]));
        assert.ok(training.every((row) => !measured.has(ids[row])));
      }
    }),
  );
});

test('twelve rows in three folds by hand', () => {
  const eventTimesMs = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
  const folds = timeFolds({ eventTimesMs, ids: eventTimesMs.map(String), folds: 3 });
  assert.deepEqual(
    folds.map(({ training, validation }) => [training.length, Array.from(validation)]),
    [
      [3, [8, 7, 6]],
      [6, [5, 4, 3]],
      [9, [2, 1, 0]],
    ],
  );
});

/** Runs a plan with the loss of a candidate given by a function. */
function search(plan: SearchPlan, loss: (candidate: number, share: number) => number): TrialResult[][] {
  const results: TrialResult[] = [];
  for (;;) {
    const state = searchState(plan, results);
    if (state.status === 'done') return [[...state.ranking], results];
    // Backwards: the order of results must not matter.
    for (const trial of [...state.trials].reverse()) {
      const share = plan.rungs[trial.rung]?.share ?? 1;
      const value = loss(trial.candidate, share);
      results.push(
        Number.isNaN(value)
          ? { ...trial, status: 'failed', why: 'no' }
          : { ...trial, status: 'measured', loss: value, n: 10, folds: [value] },
      );
    }
  }
}

test('halving: shares grow as candidates fall, the best of each rung go on, and candidate 0 stays', () => {
  const plan = planSearch({ search: 'halving', candidates: 27, keepOneIn: 3 });
  assert.deepEqual(
    plan.rungs.map(({ share, candidates }) => [Number(share.toFixed(3)), candidates]),
    [
      [0.111, 27],
      [0.333, 9],
      [1, 3],
    ],
  );
  assert.equal(trialsOf(plan), 39);
  const [ranking, results] = search(plan, (candidate) => Math.abs(candidate - 13));
  assert.deepEqual(
    ranking?.map(({ candidate }) => candidate),
    [13, 12, 0],
  );
  assert.equal(results?.length, 39);
  assert.equal(bestSoFar(results ?? [])?.candidate, 13);
});

test('a candidate that cannot be measured is last, and random search measures all on all rows', () => {
  const plan = planSearch({ search: 'random', candidates: 5, keepOneIn: 3 });
  assert.deepEqual(plan.rungs, [{ share: 1, candidates: 5 }]);
  const [ranking] = search(plan, (candidate) => (candidate === 1 ? Number.NaN : 5 - candidate));
  assert.deepEqual(
    ranking?.map(({ candidate }) => candidate),
    [4, 3, 2, 0, 1],
  );
});

test('a halving of any size ends, and no candidate is tried twice on a rung', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 2, max: 5 }), (candidates, keepOneIn) => {
      const plan = planSearch({ search: 'halving', candidates, keepOneIn });
      const [ranking, results] = search(plan, (candidate) => (candidate * 37) % 91);
      assert.equal(plan.rungs.at(-1)?.share, 1);
      assert.ok(ranking?.some(({ candidate }) => candidate === 0));
      const tried = (results ?? []).map(({ candidate, rung }) => `${candidate} ${rung}`);
      assert.equal(new Set(tried).size, tried.length);
    }),
  );
});

test('a candidate that learns the relation beats one that cannot, on later rows', () => {
  const random = seededRandom(2);
  const x = Float64Array.from({ length: 600 }, () => random() * 4 - 2);
  const label = x.map((value) => (random() < 1 / (1 + Math.exp(-3 * value)) ? 1 : 0));
  const dataset = { rows: 600, numeric: [{ name: 'x', values: x }], categorical: [], label };
  const folds = timeFolds({
    eventTimesMs: x.map((_, row) => row),
    ids: Array.from(x, (_, row) => String(row)),
    folds: 2,
  });
  const evaluate = (rounds: number, share = 1) =>
    evaluateCandidate({
      dataset,
      folds,
      share,
      seed: 1,
      train: (rows, ofTrial) =>
        trainModel({ rows, random: ofTrial, settings: { ...TRAINER_DEFAULTS, rounds, maxLeaves: 4 } }),
    });
  const [one, many] = [evaluate(1), evaluate(40)];
  assert.ok(one.status === 'measured' && many.status === 'measured');
  assert.equal(many.n, 400);
  assert.ok(many.loss < one.loss - 0.1, `${many.loss} is not below ${one.loss}`);
  assert.deepEqual(evaluate(40), many);
  const few = evaluate(40, 0.1);
  assert.match(few.status === 'failed' ? few.why : '', /^too few rows in fold 1: 18 of 50 needed$/);
});
