import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../../src/core/random.ts';
import { CODES, type Column, type Result } from '../../../src/core/statistic.ts';
import { classifierTwoSample } from '../../../src/core/statistics/classifier-two-sample.ts';
import { constantShare } from '../../../src/core/statistics/constant-share.ts';
import { distinctCount } from '../../../src/core/statistics/distinct-count.ts';
import { STATISTICS } from '../../../src/core/statistics/index.ts';
import { maximumMeanDiscrepancy } from '../../../src/core/statistics/maximum-mean-discrepancy.ts';
import { missingRate } from '../../../src/core/statistics/missing-rate.ts';
import { unseenRate } from '../../../src/core/statistics/unseen-rate.ts';
import { DriftwatchError } from '../../../src/errors.ts';

function ok(result: Result) {
  assert.equal(result.status, 'ok', JSON.stringify(result));
  if (result.status !== 'ok') throw new Error('unreachable');
  return result;
}

const numbers = (values: readonly (number | null)[]): Column => ({ form: 'numbers', values });
const categories = (values: readonly (string | null)[]): Column => ({ form: 'categories', values });
const counts = (codes: readonly number[], rows: readonly number[]): Column => ({
  form: 'counts',
  counts: { codes, counts: rows },
});
const repeat = <T>(value: T, times: number): T[] => Array.from({ length: times }, () => value);

describe('the list of statistics', () => {
  test('names are unique and every entry answers for each form it accepts', () => {
    const names = STATISTICS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    const columns: Record<Column['form'], Column> = {
      numbers: numbers(Array.from({ length: 200 }, (_, i) => (i * 37) % 101)),
      categories: categories(Array.from({ length: 200 }, (_, i) => `k${i % 3}`)),
      counts: counts([-1, 0, 1, 2], [10, 100, 60, 30]),
      vectors: { form: 'vectors', rows: Array.from({ length: 200 }, (_, i) => [i % 17, (i * i) % 13]) },
    };
    for (const { name, accepts, compare } of STATISTICS) {
      for (const form of accepts) {
        const column = columns[form];
        const result = compare({ reference: column, current: column, random: seededRandom(1) });
        if (name === 'constant-share') assert.equal(result.status, 'insufficient');
        else
          assert.ok((ok(result).pValue ?? 1) > 0.01, `${name} on equal ${form}: ${JSON.stringify(result)}`);
      }
    }
  });

  test('a form that a statistic does not read is insufficient, with the reason', () => {
    const result = STATISTICS.find(({ name }) => name === 'welch')?.compare({
      reference: categories(['a']),
      current: categories(['b']),
    });
    assert.deepEqual(result, {
      status: 'insufficient',
      need: 1,
      have: 0,
      why: 'needs raw numbers on both sides',
    });
  });

  test('a statistic that draws refuses to invent its random numbers', () => {
    const column = numbers(repeat(1, 100));
    const draws = STATISTICS.find(({ name }) => name === 'maximum-mean-discrepancy');
    assert.throws(() => draws?.compare({ reference: column, current: column }), DriftwatchError);
  });
});

describe('statistics of bins on raw values', () => {
  const psi = STATISTICS[0];

  test('a shifted constant falls out of the bins of the reference and is seen', () => {
    const result = ok(psi.compare({ reference: numbers(repeat(5, 100)), current: numbers(repeat(6, 100)) }));
    assert.ok(result.value > 1 && (result.pValue ?? 1) < 1e-12);
  });

  test('nulls and NaN are bins of their own: a change of their share is a change', () => {
    const full = Array.from({ length: 1000 }, (_, i) => i);
    const holes = full.map((x) => (x % 5 === 0 ? null : x));
    const result = ok(psi.compare({ reference: numbers(full), current: numbers(holes) }));
    assert.ok((result.pValue ?? 1) < 1e-12);
  });

  test('categories and counts of the same rows give the same number', () => {
    const a = [...repeat('x', 60), ...repeat('y', 40)];
    const b = [...repeat('x', 30), ...repeat('y', 65), ...repeat(null, 5)];
    const raw = ok(psi.compare({ reference: categories(a), current: categories(b) }));
    const reduced = ok(
      psi.compare({ reference: counts([0, 1], [60, 40]), current: counts([-1, 0, 1], [5, 30, 65]) }),
    );
    assert.ok(Math.abs(raw.value - reduced.value) < 1e-14);
    assert.equal(raw.bins, reduced.bins);
  });
});

describe('rates', () => {
  test('the missing rate counts null and NaN in raw values and in codes', () => {
    const raw = ok(
      missingRate({ reference: numbers([1, 2, 3, 4]), current: numbers([1, null, Number.NaN, 4]) }),
    );
    assert.equal(raw.value, 0.5);
    const reduced = ok(
      missingRate({
        reference: counts([0], [4]),
        current: counts([CODES.nan, CODES.null, 0], [1, 1, 2]),
      }),
    );
    assert.deepEqual(reduced, raw);
  });

  test('the unseen rate expects what a long tail brings: values that occur once in the reference', () => {
    const tail = Array.from({ length: 100 }, (_, i) => `once${i}`);
    const reference = categories([...repeat('a', 900), ...tail]);
    const usual = categories([...repeat('a', 900), ...Array.from({ length: 100 }, (_, i) => `new${i}`)]);
    const quiet = ok(unseenRate({ reference, current: usual }));
    assert.equal(quiet.value, 0.1);
    assert.equal(quiet.pValue, 1);
    const loud = ok(unseenRate({ reference: categories(repeat('a', 1000)), current: usual }));
    assert.ok((loud.pValue ?? 1) < 1e-20);
  });

  test('the unseen rate on counts allows 3/n', () => {
    const reference = counts([0, 1], [500, 500]);
    const few = ok(unseenRate({ reference, current: counts([CODES.unseen, 0], [3, 997]) }));
    assert.equal(few.value, 0.003);
    assert.ok((few.pValue ?? 0) > 0.3);
    const many = ok(unseenRate({ reference, current: counts([CODES.unseen, 0], [50, 950]) }));
    assert.ok((many.pValue ?? 1) < 1e-20);
  });

  test('the distinct count is compared at equal size', () => {
    const values = (from: number, to: number, each: number): string[] =>
      Array.from({ length: (to - from) * each }, (_, i) => `v${from + (i % (to - from))}`);
    const random = seededRandom(3);
    const draw = (rows: number) =>
      categories(Array.from({ length: rows }, () => `v${Math.floor(random() * 1000)}`));
    const reference = draw(2000);
    const drawn = draw(1000);
    const quiet = ok(distinctCount({ reference, current: drawn }));
    assert.ok((quiet.pValue ?? 0) > 0.001, JSON.stringify(quiet));
    const fewer = ok(distinctCount({ reference, current: categories(values(0, 100, 10)) }));
    assert.equal(fewer.value, 100);
    assert.ok((fewer.pValue ?? 1) < 1e-9 && (fewer.effect ?? 0) < -0.5);
  });

  test('the constant share tests a constant reference exactly and refuses any other', () => {
    const reference = numbers(repeat(7, 50));
    const moved = ok(constantShare({ reference, current: numbers([...repeat(7, 98), 8, 9]) }));
    assert.equal(moved.value, 0.98);
    // Two others among 150 rows, both in the current 100: C(100, 2) / C(150, 2), and 0 in it is rarer still.
    assert.ok(Math.abs((moved.pValue ?? 0) - (100 * 99 + 50 * 49) / (150 * 149)) < 1e-12);
    const refused = constantShare({ reference: numbers([1, 2]), current: numbers([1]) });
    assert.deepEqual(refused, {
      status: 'insufficient',
      need: 1,
      have: 2,
      why: 'the reference is not constant',
    });
  });
});

describe('statistics of the joint distribution', () => {
  const random = seededRandom(11);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rows = (n: number, correlation: number, shift = 0): number[][] =>
    Array.from({ length: n }, () => {
      const x = normal();
      const y = correlation * x + Math.sqrt(1 - correlation ** 2) * normal();
      return [x + shift, y];
    });
  const vectors = (points: number[][]): Column => ({ form: 'vectors', rows: points });

  test('a changed correlation with unchanged marginals is found by both', () => {
    const reference = vectors(rows(1500, 0));
    const current = vectors(rows(1500, 0.6));
    const mmd = ok(maximumMeanDiscrepancy(reference, current, { random: seededRandom(5) }));
    const classifier = ok(classifierTwoSample(reference, current, { random: seededRandom(5) }));
    assert.ok((mmd.pValue ?? 1) < 1e-4, JSON.stringify(mmd));
    assert.ok((classifier.pValue ?? 1) < 1e-6, JSON.stringify(classifier));
  });

  test('both keep their level of 5% on pairs without a change', () => {
    let mmd = 0;
    let classifier = 0;
    const pairs = 120;
    for (let i = 0; i < pairs; i += 1) {
      const reference = vectors(rows(120, 0.5));
      const current = vectors(rows(80, 0.5));
      const options = { random: seededRandom(i) };
      if ((ok(maximumMeanDiscrepancy(reference, current, options)).pValue ?? 1) < 0.05) mmd += 1;
      if ((ok(classifierTwoSample(reference, current, options)).pValue ?? 1) < 0.05) classifier += 1;
    }
    // 6 expected; 15 or more has a chance of 1 in 1,000.
    assert.ok(mmd < 15, `${mmd} of ${pairs}`);
    assert.ok(classifier < 15, `${classifier} of ${pairs}`);
  });

  test('too few rows are insufficient with the number needed', () => {
    const few = vectors(rows(20, 0));
    const result = maximumMeanDiscrepancy(few, few, { random: seededRandom(1) });
    assert.deepEqual(result, { status: 'insufficient', need: 30, have: 20, why: 'too few usable rows' });
    assert.equal(classifierTwoSample(few, few, { random: seededRandom(1) }).status, 'insufficient');
  });
});
