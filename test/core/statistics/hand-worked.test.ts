import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Result } from '../../../src/core/statistic.ts';
import { andersonDarling } from '../../../src/core/statistics/anderson-darling.ts';
import { chiSquared } from '../../../src/core/statistics/chi-squared.ts';
import { cramerVonMises } from '../../../src/core/statistics/cramer-von-mises.ts';
import { cramersV } from '../../../src/core/statistics/cramers-v.ts';
import { energyDistance } from '../../../src/core/statistics/energy-distance.ts';
import { fisherExact, fisherTwoSided } from '../../../src/core/statistics/fisher-exact.ts';
import { gTest } from '../../../src/core/statistics/g-test.ts';
import { hellinger } from '../../../src/core/statistics/hellinger.ts';
import { jensenShannon } from '../../../src/core/statistics/jensen-shannon.ts';
import { kolmogorovSmirnov } from '../../../src/core/statistics/kolmogorov-smirnov.ts';
import { lInfinity } from '../../../src/core/statistics/l-infinity.ts';
import { mannWhitney } from '../../../src/core/statistics/mann-whitney.ts';
import { populationStabilityIndex } from '../../../src/core/statistics/population-stability-index.ts';
import { rateDifference } from '../../../src/core/statistics/rate-difference.ts';
import { totalVariation } from '../../../src/core/statistics/total-variation.ts';
import { wasserstein } from '../../../src/core/statistics/wasserstein.ts';
import { welch } from '../../../src/core/statistics/welch.ts';

function ok(result: Result) {
  assert.equal(result.status, 'ok', JSON.stringify(result));
  if (result.status !== 'ok') throw new Error('unreachable');
  return result;
}

function close(got: number | undefined, expected: number, within = 1e-12): void {
  assert.ok(got !== undefined && Math.abs(got - expected) <= within, `${got}, expected ${expected}`);
}

describe('statistics of bins, worked by hand', () => {
  test('PSI of (50, 50) against (75, 25): shares with half a row added, and the two-sample law', () => {
    const p = 50.5 / 101;
    const q = 75.5 / 101;
    const value = (q - p) * Math.log(q / p) + (p - q) * Math.log((1 - q) / (1 - p));
    const result = ok(populationStabilityIndex([50, 50], [75, 25]));
    close(result.value, value);
    // One degree of freedom: the tail is that of a normal variable on both sides.
    close(result.effect, value - 2 / 100);
    assert.equal(result.details?.['df'], 1);
    assert.ok(result.pValue !== undefined && result.pValue < 1e-3);
  });

  test('PSI ignores bins that neither side has filled, and answers for a single bin', () => {
    const plain = ok(populationStabilityIndex([60, 40], [50, 50]));
    const padded = ok(populationStabilityIndex([60, 0, 40, 0], [50, 0, 50]));
    assert.deepEqual(padded, plain);
    const single = ok(populationStabilityIndex([100], [50]));
    assert.equal(single.value, 0);
    assert.equal(single.pValue, 1);
  });

  test('PSI below five rows per bin says how many it needs', () => {
    const result = populationStabilityIndex([4, 5, 3], [100, 100, 100]);
    assert.deepEqual(result, {
      status: 'insufficient',
      need: 15,
      have: 12,
      why: 'the two-sample law needs 5 rows per bin on average',
    });
  });

  test('chi-squared of a 2 x 2 table, plain and with half a row off (Sokal and Rohlf form)', () => {
    // (ad - bc)^2 N / (product of margins), with N/2 subtracted for the correction.
    const plain = (10 * 5 - 20 * 15) ** 2 * 50;
    const corrected = (Math.abs(10 * 5 - 20 * 15) - 25) ** 2 * 50;
    const margins = 30 * 20 * 25 * 25;
    close(ok(chiSquared([10, 20], [15, 5])).value, plain / margins);
    close(ok(chiSquared([10, 20], [15, 5], { yates: true })).value, corrected / margins);
  });

  test('chi-squared takes an unseen category by the pooled shares: finite, not infinite', () => {
    const result = ok(chiSquared([50, 50, 0], [40, 40, 20]));
    // Expected 45, 45 and 10 on both sides: 4 x 25/45 + 2 x 100/10.
    close(result.value, 200 / 9);
    close(result.pValue, Math.exp(-100 / 9), 1e-15);
    assert.equal(result.details?.['smallestExpected'], 10);
  });

  test("Cramer's V is 1 for disjoint and 0 for equal shares; the correction takes chance off", () => {
    close(ok(cramersV([50, 0], [0, 50], { corrected: false })).value, 1);
    close(ok(cramersV([50, 0], [0, 50])).value, 1);
    assert.equal(ok(cramersV([30, 20], [30, 20])).value, 0);
    // chi-squared 1 of 1 degree of freedom is what chance gives: nothing is left.
    const chance = cramersV([55, 45], [48, 52]);
    assert.equal(ok(chance).value, 0);
    assert.ok(ok(cramersV([55, 45], [48, 52], { corrected: false })).value > 0.06);
  });

  test('G of equal rows is 0; of disjoint sides 2 N ln 2, one bit per row', () => {
    assert.equal(ok(gTest([10, 10], [10, 10])).value, 0);
    const disjoint = ok(gTest([40, 0], [0, 40]));
    close(disjoint.value, 2 * 80 * Math.LN2, 1e-10);
    close(disjoint.effect, 1);
  });

  test('distances of disjoint shares are at their upper ends', () => {
    close(ok(jensenShannon([10, 0], [0, 10])).value, 1);
    close(ok(jensenShannon([10, 0], [0, 10], { base: Math.E })).value, Math.sqrt(Math.LN2));
    close(ok(hellinger([10, 0], [0, 10])).value, 1);
    close(ok(totalVariation([10, 0], [0, 10])).value, 1);
    close(ok(lInfinity([10, 0], [0, 10])).value, 1);
  });

  test('total variation is the share of rows that moved, L-infinity the largest single move', () => {
    close(ok(totalVariation([50, 30, 20], [40, 30, 30])).value, 0.1);
    close(ok(lInfinity([50, 30, 20], [38, 34, 28])).value, 0.12);
    close(ok(hellinger([1, 1], [1, 0])).value, Math.sqrt(1 - Math.SQRT1_2));
  });

  test('for sides of equal size the p-value of Jensen-Shannon is that of G, in any base', () => {
    const g = ok(gTest([60, 25, 15], [45, 30, 25])).pValue ?? 0;
    close(ok(jensenShannon([60, 25, 15], [45, 30, 25])).pValue, g);
    close(ok(jensenShannon([60, 25, 15], [45, 30, 25], { base: Math.E })).pValue, g);
    assert.equal('pValue' in ok(jensenShannon([6, 2], [4, 3])), false);
  });

  test('the p-value of L-infinity is that of two proportions times the bins', () => {
    const proportions = ok(chiSquared([60, 40], [40, 60])).pValue ?? 0;
    close(ok(lInfinity([60, 40], [40, 60])).pValue, 2 * proportions);
    assert.equal('pValue' in ok(lInfinity([60, 4], [40, 5])), false);
  });

  test("Fisher's tea: 3 of 4 against 1 of 4 gives 34/70", () => {
    close(fisherTwoSided(3, 4, 1, 4), 34 / 70);
    close(ok(fisherExact([3, 1], [1, 3])).value, 9);
    assert.equal(fisherExact([4, 0], [0, 4]).status, 'insufficient');
    close(fisherTwoSided(4, 4, 0, 4), 2 / 70);
  });

  test('a rate is compared exactly while it is rare, by proportions when it is not', () => {
    const rare = ok(rateDifference({ hits: 0, rows: 100 }, { hits: 2, rows: 50 }));
    assert.match(rare.law, /exact/);
    // Two marked rows out of 150, both in the current 50: C(50, 2) / C(150, 2).
    close(rare.pValue, (50 * 49) / (150 * 149));
    const common = ok(rateDifference({ hits: 50, rows: 100 }, { hits: 70, rows: 100 }));
    close(common.details?.['referenceRate'], 0.5);
    close(common.effect, 0.2);
    close(common.pValue, ok(chiSquared([50, 50], [70, 30])).pValue ?? 0);
    assert.equal(ok(rateDifference({ hits: 0, rows: 9 }, { hits: 0, rows: 9 })).pValue, 1);
  });
});

describe('statistics of numbers, worked by hand', () => {
  test('Kolmogorov-Smirnov of (1, 2, 3) and (2.5, 2.7, 4.5)', () => {
    const result = ok(kolmogorovSmirnov([1, 2, 3], [2.5, 2.7, 4.5]));
    close(result.value, 2 / 3);
    // 20 arrangements; those that reach a gap of 2/3: 12.
    close(result.pValue, 12 / 20);
    assert.equal(result.details?.['location'], 2);
    assert.equal(result.details?.['sign'], 1);
  });

  test('Kolmogorov-Smirnov of separated samples: only two arrangements are as extreme', () => {
    const result = ok(kolmogorovSmirnov([1, 2, 3, 4], [11, 12, 13]));
    close(result.value, 1);
    close(result.pValue, 2 / 35);
  });

  test('the asymptotic law of one row against one has no p-value, and no NaN', () => {
    const result = ok(kolmogorovSmirnov([1], [2], { method: 'finite' }));
    assert.equal(result.value, 1);
    assert.equal('pValue' in result, false);
  });

  test('Kolmogorov-Smirnov ranks infinities and leaves NaN and null out', () => {
    const a = [Number.NEGATIVE_INFINITY, 0, null, Number.NaN];
    const b = [0, Number.POSITIVE_INFINITY];
    const result = ok(kolmogorovSmirnov(a, b));
    close(result.value, 0.5);
    assert.equal(result.n, 2);
    assert.equal(result.details?.['dropped'], 2);
  });

  test('Wasserstein of a shift is the shift, raw and in standard deviations', () => {
    const a = [0, 2, 4, 6];
    const result = ok(
      wasserstein(
        a,
        a.map((x) => x + 3),
      ),
    );
    close(result.value, 3);
    close(result.effect, 3 / Math.sqrt(5));
  });

  test('Wasserstein of a constant divides by 0.001 at least, and of infinities leaves them out', () => {
    close(ok(wasserstein([5, 5], [6, 6])).effect, 1000, 1e-9);
    const result = ok(wasserstein([0, Number.POSITIVE_INFINITY], [1, 1, null]));
    close(result.value, 1);
    assert.equal(result.details?.['dropped'], 2);
  });

  test('energy distance equals the form over all pairs of rows', () => {
    const a = [0.3, 1.7, 2.2, 5, 5];
    const b = [1, 1, 4.4];
    const mean = (x: readonly number[], y: readonly number[]): number =>
      x.reduce((sum, u) => sum + y.reduce((inner, v) => inner + Math.abs(u - v), 0), 0) / x.length / y.length;
    close(ok(energyDistance(a, b)).value, Math.sqrt(2 * mean(a, b) - mean(a, a) - mean(b, b)));
  });

  test('Mann-Whitney counts wins and half the ties; all tied is p = 1', () => {
    const result = ok(mannWhitney([1, 5, 7], [2, 5]));
    // Wins of the reference: 5 > 2, 7 > 2, 7 > 5, and half for 5 = 5.
    close(result.value, 3.5);
    close(result.effect, 0.5 - 3.5 / 6);
    assert.equal(ok(mannWhitney([3, 3, 3], [3, 3])).pValue, 1);
  });

  test('Mann-Whitney is exact for small samples: separated 3 and 4 give 2/35', () => {
    close(ok(mannWhitney([1, 2, 3], [4, 5, 6, 7])).pValue, 2 / 35);
  });

  test('Welch of (1, 2, 3) and (3, 5): t and degrees of freedom from the definition', () => {
    const result = ok(welch([1, 2, 3], [3, 5]));
    const error = 1 / 3 + 2 / 2;
    close(result.value, -2 / Math.sqrt(error));
    close(result.details?.['df'], error ** 2 / ((1 / 3) ** 2 / 2 + 1));
    close(result.effect, 2);
  });

  test('Welch of constants is insufficient, not infinite', () => {
    assert.equal(welch([5, 5, 5], [6, 6]).status, 'insufficient');
    assert.equal(welch([5, 5, 5], [5, 5]).status, 'insufficient');
    assert.equal(welch([5], [6, 7]).status, 'insufficient');
    assert.ok(ok(welch([5, 5, 5], [6, 7])).effect === undefined);
  });

  test('Anderson-Darling needs two values and four rows, and holds its p-value in the table', () => {
    assert.equal(andersonDarling([1, 1], [1, 1]).status, 'insufficient');
    assert.equal(andersonDarling([1], [2, 3]).status, 'insufficient');
    const apart = ok(
      andersonDarling(
        Array.from({ length: 50 }, (_, i) => i),
        Array.from({ length: 50 }, (_, i) => i + 100),
      ),
    );
    assert.equal(apart.pValue, 0.001);
    assert.equal(apart.details?.['capped'], 1);
  });

  test('Anderson-Darling p-values are near the table at its own 10% value, 1.226', () => {
    let found = 0;
    const a = Array.from({ length: 30 }, (_, i) => i);
    for (let shift = 0; shift < 60; shift += 1) {
      const result = ok(
        andersonDarling(
          a,
          a.map((x) => x + shift / 4 + 0.1),
        ),
      );
      if (Math.abs(result.value - 1.226) > 0.3) continue;
      found += 1;
      assert.ok(
        Math.abs((result.pValue ?? 0) - 0.1 * Math.exp(-(result.value - 1.226))) < 0.02,
        `${result.pValue}`,
      );
    }
    assert.ok(found > 0);
  });

  test('Cramer-von Mises of separated pairs from the definition', () => {
    const result = ok(cramerVonMises([1, 2], [3, 4]));
    // U = 2 ((1-1)^2 + (2-2)^2 + (3-1)^2 + (4-2)^2) = 16; T = 16/16 - 15/24.
    close(result.value, 1 - 15 / 24);
    assert.equal(cramerVonMises([1], [2, 3]).status, 'insufficient');
  });

  test('Cramer-von Mises keeps digits in the far tail', () => {
    const a = Array.from({ length: 200 }, (_, i) => i);
    const result = ok(
      cramerVonMises(
        a,
        a.map((x) => x + 1000),
      ),
    );
    assert.ok(result.pValue !== undefined && result.pValue > 0 && result.pValue < 1e-60, `${result.pValue}`);
  });
});
