import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Baseline } from '../../../src/core/evidence/baseline.ts';
import { type Component, components, planComponents } from '../../../src/core/evidence/components.ts';
import { oneShot } from '../../../src/core/evidence/one-shot.ts';
import { pearson } from '../../../src/core/evidence/share-distance.ts';
import { standardScores } from '../../../src/core/evidence/standard-scores.ts';
import { addEvidence, gatherEvidence, NO_EVIDENCE } from '../../../src/core/evidence/window-evidence.ts';
import { normalSf } from '../../../src/core/special/normal.ts';
import { chiSquared } from '../../../src/core/statistics/chi-squared.ts';
import type { PaneCounts } from '../../../src/core/windows/pane-counts.ts';

const close = (got: number | undefined, expected: number, tolerance = 1e-9) =>
  assert.ok(
    Math.abs((got ?? Number.NaN) - expected) <= tolerance * Math.abs(expected),
    `${got} is not ${expected}`,
  );

function baseline(args: {
  mean: number;
  windows: number;
  variance: number;
  df: number;
  name?: string;
}): Baseline {
  const { mean, windows, variance, df, name = 'location' } = args;
  const known = { means: [{ mean, windows }], variance, autocorrelation: 0 };
  return { windows, df, components: new Map([[name, known]]) };
}

const location = (mean: number): Component => ({
  name: 'location',
  law: 'mean',
  mean,
  rowVariance: 1,
  rows: 1_000,
});

test('a score is the distance from past windows with Student tails, worked by hand', () => {
  // sd between windows .1, 25 past windows: t = .306 / (.1 sqrt(1 + 1/25)) = 3.0006; Wallace with 10 degrees of freedom.
  const [score] = standardScores({
    window: [location(0.306)],
    season: 0,
    baseline: baseline({ mean: 0, windows: 25, variance: 0.01, df: 10 }),
  });
  const t = 0.306 / Math.sqrt(0.01 * 1.04);
  close(score?.z, (81 / 83) * Math.sqrt(10 * Math.log(1 + (t * t) / 10)));
  // The exact normal score of t = 3.0006 with 10 degrees of freedom is 2.475.
  close(score?.z, 2.475, 2e-3);
  close(score?.effectiveRows, 100);
});

test('the variance is never taken smaller than independent rows give', () => {
  const [score] = standardScores({
    window: [location(0.1)],
    season: 0,
    baseline: baseline({ mean: 0, windows: 1e9, variance: 1e-9, df: 1e9 }),
  });
  close(score?.z, 0.1 * Math.sqrt(1_000), 1e-6);
});

test('a share is scored by its binomial deviance, half a row towards what was expected', () => {
  const window: Component[] = [
    { name: 'share:7', law: 'share', mean: 0.007, rowVariance: 0.002 * 0.998, rows: 1_000 },
  ];
  const known = baseline({ name: 'share:7', mean: 0.002, windows: 1e9, variance: 0, df: 1e9 });
  const [score] = standardScores({ window, season: 0, baseline: known });
  // 7 rows where 2 were expected, taken as 6.5.
  const exponent = 6.5 * Math.log(6.5 / 2) + 993.5 * Math.log(993.5 / 998);
  close(score?.z, Math.sqrt(2 * exponent), 5e-3);
  // The normal approximation would say 3.5 sd; 7 or more of an expected 2 happen with probability .0045.
  assert.ok(normalSf(score?.z ?? 0) > 0.0045 && normalSf(score?.z ?? 0) < 0.009);
});

test('skew and tail of fewer than 20 effective rows have no score', () => {
  const window: Component[] = ['location', 'tail'].map((name) => ({ ...location(0.5), name }));
  const known = baseline({ mean: 0, windows: 50, variance: 0.06, df: 40 });
  const tail = baseline({ name: 'tail', mean: 0, windows: 50, variance: 0.001, df: 40 });
  const both: Baseline = { ...known, components: new Map([...known.components, ...tail.components]) };
  assert.deepEqual(
    standardScores({ window, season: 0, baseline: both }).map(({ name }) => name),
    ['location'],
  );
});

test('evidence is (R + 1) times the likelihood ratio for every size and direction, worked by hand', () => {
  const scores = [{ name: 'mean', z: 2, effectiveRows: 100, inflation: 1 }];
  const window: Component[] = [{ ...location(0), name: 'mean' }];
  const one = addEvidence({ state: NO_EVIDENCE, window, scores, tolerance: () => 0 });
  const ratio = (shift: number, z: number) => Math.exp(shift * z - (shift * shift) / 2);
  const first = [1.5, 3, 6, -1.5, -3, -6].map((shift) => ratio(shift, 2));
  close(one.mean, first.reduce((a, b) => a + b, 0) / 6);
  assert.deepEqual([one.leader, one.direction], ['mean', 1]);
  const two = addEvidence({ state: one, window, scores, tolerance: () => 0 });
  const second = [1.5, 3, 6, -1.5, -3, -6].map((shift, at) => ((first[at] ?? 0) + 1) * ratio(shift, 2));
  close(two.mean, second.reduce((a, b) => a + b, 0) / 6);
});

test('a shift within three standard errors of a frozen reference gathers no evidence', () => {
  const known = baseline({ mean: 0, windows: 9, variance: 0.001, df: 1e6 });
  const run = (z: number, frozen: boolean) => {
    let state = NO_EVIDENCE;
    for (let at = 0; at < 200; at += 1)
      state = gatherEvidence({
        state,
        window: [location(z * Math.sqrt(0.001 * (1 + 1 / 9)))],
        season: 0,
        baseline: known,
        frozen,
      });
    return state.mean;
  };
  // Three standard errors of 9 windows are one sd between windows.
  assert.ok(run(0.95, true) < 10);
  assert.ok(run(2, true) > 1e6);
  assert.ok(run(0.95, false) > 1e6, 'without the tolerance the error of the reference is found');
});

test('the start against pooled rows is the two-sample chi-squared test', () => {
  const pane = (counts: readonly number[]): PaneCounts => ({
    n: counts.reduce((a, b) => a + b, 0),
    codes: [0, 1, 2],
    counts,
    finite: 0,
    total: 0,
    squares: 0,
  });
  const [reference, current] = [pane([3_000, 4_000, 3_000]), pane([250, 420, 330])];
  const plan = planComponents({ kind: 'categorical', ranks: reference });
  const [pooled, window] = [components({ plan, pane: reference }), components({ plan, pane: current })];
  const empty: Baseline = { windows: 0, df: 0, components: new Map() };
  const scores = standardScores({ window, season: 0, baseline: empty, pooled });
  const answer = oneShot({ window: { season: 0, components: window }, baseline: empty, scores, pooled });
  const expected = chiSquared(reference.counts, current.counts);
  assert.ok(answer.status === 'ok' && expected.status === 'ok' && expected.pValue !== undefined);
  close(answer.pValue, expected.pValue / 0.9, 1e-9);
});

test('small cells are pooled, and a rest too small for a cell goes with the smallest', () => {
  const cells = [
    { expected: 100, observed: 90 },
    { expected: 50, observed: 55 },
    { expected: 3, observed: 7 },
    { expected: 1, observed: 2 },
  ];
  const pooled = pearson(cells);
  assert.equal(pooled?.degrees, 1);
  close(pooled?.value, 100 / 100 + (55 + 9 - 54) ** 2 / 54);
});

test('a window of few effective rows is not judged alone', () => {
  const known = baseline({ mean: 0, windows: 50, variance: 0.1, df: 40 });
  const window = [location(3)];
  const scores = standardScores({ window, season: 0, baseline: known });
  const answer = oneShot({ window: { season: 0, components: window }, baseline: known, scores });
  assert.ok(answer.status === 'insufficient' && answer.need === 20 && Math.abs(answer.have - 10) < 1e-9);
});
