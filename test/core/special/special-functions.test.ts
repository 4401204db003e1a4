import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { binomialMass, binomialSf } from '../../../src/core/special/binomial.ts';
import { chiSquaredSf } from '../../../src/core/special/chi-squared-tail.ts';
import { cramerVonMisesLimitSf } from '../../../src/core/special/cramer-von-mises-limit.ts';
import { deviance } from '../../../src/core/special/deviance.ts';
import { fSf } from '../../../src/core/special/f-tail.ts';
import { hypergeometricMass } from '../../../src/core/special/hypergeometric.ts';
import { incompleteBeta } from '../../../src/core/special/incomplete-beta.ts';
import { incompleteGamma } from '../../../src/core/special/incomplete-gamma.ts';
import { kolmogorovFiniteSf } from '../../../src/core/special/kolmogorov-finite.ts';
import { kolmogorovLimitSf } from '../../../src/core/special/kolmogorov-limit.ts';
import { kolmogorovTwoSampleSf } from '../../../src/core/special/kolmogorov-two-sample.ts';
import { logGamma, stirlingError } from '../../../src/core/special/log-gamma.ts';
import { mannWhitneyTail } from '../../../src/core/special/mann-whitney-tail.ts';
import { normalCdf, normalQuantile, normalSf } from '../../../src/core/special/normal.ts';
import { pairwiseSum } from '../../../src/core/special/pairwise-sum.ts';
import { studentTSf, studentTTwoSided } from '../../../src/core/special/student-t.ts';

type Args = readonly [number, number, number, number];

/** Function and largest relative error against the outside values. */
const FUNCTIONS: Record<string, { readonly of: (args: Args) => number; readonly within: number }> = {
  log_gamma: { of: ([x]) => logGamma(x), within: 2e-14 },
  gamma_lower: { of: ([a, x]) => incompleteGamma(a, x).lower, within: 1e-12 },
  gamma_upper: { of: ([a, x]) => incompleteGamma(a, x).upper, within: 1e-12 },
  normal_sf: { of: ([z]) => normalSf(z), within: 1e-12 },
  normal_quantile: { of: ([p]) => normalQuantile(p), within: 1e-12 },
  student_t_two_sided: { of: ([t, df]) => studentTTwoSided(t, df), within: 1e-12 },
  incomplete_beta: { of: ([a, b, x]) => incompleteBeta(a, b, x), within: 1e-12 },
  kolmogorov_limit: { of: ([x]) => kolmogorovLimitSf(x), within: 1e-13 },
  von_mises_limit: { of: ([x]) => cramerVonMisesLimitSf(x), within: 1e-12 },
  kolmogorov_finite: { of: ([n, d]) => kolmogorovFiniteSf(n, d), within: 1e-11 },
  kolmogorov_two_sample: { of: ([n, m, h]) => kolmogorovTwoSampleSf(n, m, h), within: 1e-12 },
  f: { of: ([x, df1, df2]) => fSf(x, df1, df2), within: 1e-12 },
  hypergeometric: {
    of: ([k, total, marked, draws]) => hypergeometricMass(k, { total, marked, draws }),
    within: 1e-12,
  },
  binomial: { of: ([k, n, p]) => binomialMass(k, n, p), within: 1e-12 },
  mann_whitney: { of: ([n, m, u]) => mannWhitneyTail(n, m, u), within: 1e-12 },
};

const golden: readonly [string, readonly number[], number][] = JSON.parse(
  readFileSync(new URL('../../golden/special/special-functions.json', import.meta.url), 'utf8'),
);

describe('special functions agree with values of 60 digits, tails included', () => {
  for (const [name, { of, within }] of Object.entries(FUNCTIONS)) {
    const entries = golden.filter(([entry]) => entry === name);
    test(`${name}: ${entries.length} values within ${within}`, () => {
      assert.ok(entries.length > 0);
      for (const [, [a = 0, b = 0, c = 0, d = 0], expected] of entries) {
        const got = of([a, b, c, d]);
        const error = expected === 0 ? Math.abs(got) : Math.abs(got - expected) / Math.abs(expected);
        assert.ok(
          error <= within,
          `${name}(${a}, ${b}, ${c}, ${d}) = ${got}, expected ${expected}: ${error}`,
        );
      }
    });
  }

  test('every function of the file is checked', () => {
    const names = new Set(golden.map(([name]) => name));
    assert.deepEqual([...names].sort(), Object.keys(FUNCTIONS).sort());
  });
});

describe('edges of the special functions', () => {
  test('log-gamma is 0 at its zeros 1 and 2, and log-factorials are right', () => {
    assert.ok(Math.abs(logGamma(1)) < 1e-16);
    assert.ok(Math.abs(logGamma(2)) < 1e-16);
    assert.ok(Math.abs(logGamma(6) - Math.log(120)) < 1e-14);
    assert.equal(logGamma(0), Number.POSITIVE_INFINITY);
  });

  test('the Stirling error is continuous where its two forms meet', () => {
    assert.ok(Math.abs(stirlingError(11.999999) - stirlingError(12.000001)) < 1e-8);
    assert.equal(stirlingError(0), 0);
  });

  test('the deviance is 0 at the mean, the mean at 0, and continuous where its two forms meet', () => {
    assert.equal(deviance(7, 7), 0);
    assert.equal(deviance(0, 3), 3);
    const boundary = 100 * (1.1 / 0.9);
    assert.ok(Math.abs(deviance(boundary * (1 - 1e-12), 100) - deviance(boundary * (1 + 1e-12), 100)) < 1e-9);
  });

  test('tails begin at 1 and end at 0', () => {
    assert.equal(chiSquaredSf(0, 3), 1);
    assert.equal(chiSquaredSf(Number.POSITIVE_INFINITY, 3), 0);
    assert.equal(studentTSf(0, 5), 0.5);
    assert.equal(studentTTwoSided(Number.POSITIVE_INFINITY, 5), 0);
    assert.equal(kolmogorovLimitSf(0), 1);
    assert.equal(kolmogorovFiniteSf(10, 1), 0);
    assert.equal(kolmogorovFiniteSf(10, 0.05), 1);
    assert.equal(kolmogorovTwoSampleSf(4, 6, 0), 1);
    assert.equal(cramerVonMisesLimitSf(0), 1);
    assert.equal(incompleteBeta(2, 3, 0), 0);
    assert.equal(incompleteBeta(2, 3, 1), 1);
    assert.equal(fSf(0, 2, 3), 1);
    assert.equal(binomialSf(0, 5, 0.3), 1);
    assert.equal(binomialSf(6, 5, 0.3), 0);
    assert.equal(normalQuantile(0), Number.NEGATIVE_INFINITY);
    assert.equal(normalQuantile(1), Number.POSITIVE_INFINITY);
    assert.equal(normalQuantile(0.5), 0);
  });

  test('Student t with one degree of freedom is the Cauchy law', () => {
    for (const t of [0.1, 1, 7, 1e6]) {
      const cauchy = 0.5 - Math.atan(t) / Math.PI;
      assert.ok(Math.abs(studentTSf(t, 1) - cauchy) < 1e-14);
    }
  });

  test('the normal quantile undoes the distribution function', () => {
    for (const z of [-37, -8, -2, -0.01]) {
      assert.ok(Math.abs(normalQuantile(normalCdf(z)) - z) < 1e-11 * Math.abs(z));
    }
  });

  test('a binomial probability below 1e-300 is 0 or tiny, never negative or NaN', () => {
    assert.ok(binomialMass(1000, 1000, 1e-5) >= 0);
    assert.equal(binomialMass(3, 5, 0), 0);
    assert.equal(binomialMass(5, 5, 1), 1);
  });
});

test('the pairwise sum keeps digits that a running sum loses', () => {
  const values = Float64Array.from({ length: 1_000_000 }, () => 0.1);
  const running = values.reduce((sum, x) => sum + x, 0);
  assert.ok(Math.abs(pairwiseSum(values) - 100_000) < 1e-9);
  assert.ok(Math.abs(running - 100_000) > 1e-7);
  assert.equal(pairwiseSum([]), 0);
  assert.equal(pairwiseSum([1, 2, 3]), 6);
});
