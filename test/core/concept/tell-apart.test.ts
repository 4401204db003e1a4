import assert from 'node:assert/strict';
import { test } from 'node:test';
import { densityRatio, effectiveRows } from '../../../src/core/concept/density-ratio.ts';
import { equalMeans, innerProduct, meanOf } from '../../../src/core/concept/mean-difference.ts';
import { ridgeLogit } from '../../../src/core/concept/ridge-logit.ts';
import { scaledFeatures } from '../../../src/core/concept/scaled-features.ts';
import { type ConceptVerdict, tellApart } from '../../../src/core/concept/tell-apart.ts';
import { standardNormal } from '../../../src/core/evaluation/joint-rows.ts';
import { labelledRows, type Scenario } from '../../../src/core/evaluation/labelled-rows.ts';
import { seededRandom } from '../../../src/core/random.ts';

const RUNS = 8;

function verdictsOn(scenario: Scenario, rows = 2_000): ConceptVerdict[] {
  return Array.from({ length: RUNS }, (_, run) => {
    const random = seededRandom(4_000 + run);
    const reference = labelledRows({ random, rows: 5_000, scenario: 'none' });
    return tellApart({ reference, current: labelledRows({ random, rows, scenario }) });
  });
}

function named(verdicts: readonly ConceptVerdict[], verdict: ConceptVerdict['verdict']): number {
  return verdicts.filter((one) => one.verdict === verdict).length;
}

test('without a change there is none', () => {
  assert.ok(named(verdictsOn('none'), 'none') >= RUNS - 1);
});

test('features that moved alone are covariate drift', () => {
  assert.ok(named(verdictsOn('covariate drift'), 'covariate drift') >= RUNS - 1);
});

test('a share of labels that moved alone is label shift', () => {
  const verdicts = verdictsOn('label shift');
  assert.ok(named(verdicts, 'label shift') >= RUNS - 1);
  for (const verdict of verdicts) {
    if (verdict.verdict !== 'label shift') continue;
    // The odds of a one were doubled.
    assert.ok(Math.abs((verdict.logOddsOffset ?? 0) - Math.log(2)) < 0.35, String(verdict.logOddsOffset));
  }
});

test('features that mean something else are a change of P(y|x), with and without covariate drift', () => {
  assert.equal(named(verdictsOn('changed coefficients'), 'change of P(y|x)'), RUNS);
  assert.equal(named(verdictsOn('covariate drift and changed coefficients'), 'change of P(y|x)'), RUNS);
});

test('a moved intercept is never taken for label shift or covariate drift', () => {
  const verdicts = verdictsOn('changed intercept');
  assert.equal(named(verdicts, 'label shift'), 0);
  assert.equal(named(verdicts, 'covariate drift'), 0);
  for (const verdict of verdicts) {
    if (verdict.verdict === 'insufficient')
      assert.ok(verdict.need > verdict.have && verdict.candidates !== undefined);
  }
});

test('where the reference holds too few rows like those of the window there is no verdict', () => {
  for (const verdict of verdictsOn('strong covariate drift')) {
    assert.ok(verdict.verdict === 'insufficient');
    assert.ok(verdict.have < verdict.need);
    assert.match(verdict.why, /like those of the window/);
  }
});

test('few rows, and few rows of one class, are insufficient', () => {
  const random = seededRandom(1);
  const reference = labelledRows({ random, rows: 1_000, scenario: 'none' });
  const few = tellApart({ reference, current: labelledRows({ random, rows: 299, scenario: 'none' }) });
  assert.ok(few.verdict === 'insufficient');
  assert.deepEqual([few.need, few.have], [300, 299]);
  const { x, p } = reference;
  const oneClass = tellApart({ reference, current: { x, p, y: x.map(() => 1) } });
  assert.ok(oneClass.verdict === 'insufficient');
  assert.deepEqual([oneClass.need, oneClass.have], [50, 0]);
});

test('the order of rows does not matter', () => {
  const random = seededRandom(6);
  const reference = labelledRows({ random, rows: 1_000, scenario: 'none' });
  const current = labelledRows({ random, rows: 1_000, scenario: 'label shift' });
  const reversed = {
    x: current.x.toReversed(),
    p: Array.from(current.p).reverse(),
    y: Array.from(current.y).reverse(),
  };
  const [a, b] = [tellApart({ reference, current }), tellApart({ reference, current: reversed })];
  assert.equal(a.verdict, b.verdict);
  assert.ok(Math.abs((a.pValues?.residual ?? 0) - (b.pValues?.residual ?? 1)) < 1e-6);
});

test('the covariate check fails when the reference is not reweighted: the model is wrong about products', () => {
  // A model that knows nothing but a constant: its residuals depend on the features, so moving them moves the residuals.
  const flagged = Array.from({ length: RUNS }, (_, run) => {
    const random = seededRandom(4_000 + run);
    const reference = labelledRows({ random, rows: 5_000, scenario: 'none' });
    const current = labelledRows({ random, rows: 2_000, scenario: 'covariate drift' });
    const residuals = (rows: typeof reference): Float64Array[] =>
      rows.x.map((_x, at) => Float64Array.of((rows.y[at] ?? 0) - 0.45));
    return equalMeans(meanOf(residuals(reference)), meanOf(residuals(current)));
  });
  assert.ok(flagged.every((p) => p < 0.01));
});

test('the density ratio of a shifted normal is its likelihood ratio, and the cap holds', () => {
  const random = seededRandom(2);
  const draw = (shift: number, rows: number): Float64Array[] =>
    Array.from({ length: rows }, () => Float64Array.of(standardNormal(random) + shift));
  const ratio = densityRatio({ reference: draw(0, 20_000), current: draw(0.5, 20_000), cap: 5 });
  for (const x of [-1, 0, 1]) {
    const exact = Math.exp(0.5 * x - 0.125);
    assert.ok(Math.abs(Math.log(ratio(Float64Array.of(x)) / exact)) < 0.1, String(x));
  }
  assert.equal(ratio(Float64Array.of(50)), 5);
});

test('equal weights keep all rows, one weight keeps one', () => {
  assert.equal(effectiveRows([2, 2, 2]), 3);
  assert.equal(effectiveRows([0, 7, 0]), 1);
  assert.equal(effectiveRows([0]), 0);
});

test('by hand: a logit of one column is the log-odds of the labels', () => {
  const design = [1, 2, 3, 4].map(() => Float64Array.of(1));
  const [intercept = 0] = ridgeLogit({ design, labels: [1, 1, 1, 0], ridge: 1e-9 });
  assert.ok(Math.abs(intercept - Math.log(3)) < 1e-6);
});

test('by hand: means of 0 and 1 with variances 1 and 1 on two rows each', () => {
  const a = meanOf([Float64Array.of(-1), Float64Array.of(1)]);
  const b = meanOf([Float64Array.of(0), Float64Array.of(2)]);
  assert.deepEqual([...a.mean, ...b.mean], [0, 1]);
  assert.deepEqual([...a.covariance], [0.5]);
  assert.ok(Math.abs(innerProduct(a, b, Float64Array.of(2), Float64Array.of(3)) - 6) < 1e-12);
});

test('features are scaled by the reference, missing values sit at its mean, wild ones are held', () => {
  const scale = scaledFeatures([
    [1, 5],
    [3, 5],
  ]);
  assert.deepEqual([...scale([4, 9])], [2, 0]);
  assert.deepEqual([...scale([Number.NaN, 5])], [0, 0]);
  assert.deepEqual([...scale([1e9, 5])], [4, 0]);
});
