import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../../src/core/random.ts';
import { CODES } from '../../../src/core/statistic.ts';
import { coder, fitCategoricalBins, fitNumericBins, sortedFinite } from '../../../src/core/summaries/bins.ts';
import {
  addCount,
  alignCounts,
  countCodes,
  countOf,
  decodeCounts,
  emptyCounts,
  encodeCounts,
  totalOf,
} from '../../../src/core/summaries/counts.ts';
import {
  fitLegendreOnCounts,
  fitLegendreOnValues,
  legendreOfCounts,
  legendrePolynomials,
} from '../../../src/core/summaries/legendre.ts';
import {
  decodeMoments,
  emptyMoments,
  encodeMoments,
  momentsOf,
  varianceOf,
} from '../../../src/core/summaries/moments.ts';

describe('bins', () => {
  test('ten numeric bins hold a tenth of the reference each, and outer bins hold none of it', () => {
    const values = Array.from({ length: 1000 }, (_, i) => i);
    const bins = fitNumericBins(values);
    assert.ok(bins);
    const rows = countCodes(values.map(coder(bins)));
    assert.deepEqual(rows.codes, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.deepEqual(rows.counts, Array(10).fill(100));
  });

  test('a value outside the reference has an outer bin; nulls, NaN and infinities have codes', () => {
    const bins = fitNumericBins([1, 2, 3, 4, 5], { bins: 2 });
    assert.ok(bins);
    const codeOf = coder(bins);
    assert.deepEqual([0.9, 1, 2.9, 3, 5, 5.0000001].map(codeOf), [0, 1, 1, 2, 2, 3]);
    assert.deepEqual([null, Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].map(codeOf), [
      CODES.null,
      CODES.nan,
      CODES.negativeInfinity,
      CODES.positiveInfinity,
    ]);
  });

  test('a constant reference has one filled bin and two outer ones, at any magnitude', () => {
    for (const constant of [5, 0, -3e-300, 1e300, -7.5]) {
      const bins = fitNumericBins([constant, constant, constant]);
      assert.ok(bins);
      assert.equal(bins.edges.length, 2);
      const codeOf = coder(bins);
      assert.equal(codeOf(constant), 1, `${constant}`);
      assert.equal(codeOf(constant + Math.abs(constant) + 1), 2, `${constant}`);
      assert.equal(codeOf(constant - Math.abs(constant) - 1), 0, `${constant}`);
    }
  });

  test('a value that holds half of the reference shares its edge with no other: edges are distinct', () => {
    const values = [...Array(50).fill(0), ...Array.from({ length: 50 }, (_, i) => i + 1)];
    const bins = fitNumericBins(values);
    assert.ok(bins);
    assert.equal(new Set(bins.edges).size, bins.edges.length);
    assert.equal(countOf(countCodes(values.map(coder(bins))), coder(bins)(0)), 50);
  });

  test('a reference without a finite value has no bins', () => {
    assert.equal(fitNumericBins([null, Number.NaN, Number.POSITIVE_INFINITY]), undefined);
    assert.equal(fitNumericBins([]), undefined);
  });

  test('categories: the most frequent have bins, the rest share one, new ones are unseen', () => {
    const bins = fitCategoricalBins(
      new Map([
        ['b', 5],
        ['a', 5],
        ['c', 9],
        ['rare', 1],
        ['rarer', 1],
      ]),
      { top: 3, others: 1 },
    );
    assert.deepEqual(bins, { kind: 'categorical', categories: ['c', 'a', 'b'], others: ['rare'] });
    assert.deepEqual(['c', 'a', 'b', 'rare', 'rarer', null].map(coder(bins)), [
      0,
      1,
      2,
      3,
      CODES.unseen,
      CODES.null,
    ]);
  });

  test('only finite numbers are sorted', () => {
    assert.deepEqual([...sortedFinite([3, null, Number.NaN, -1, Number.POSITIVE_INFINITY])], [-1, 3]);
  });
});

describe('counts', () => {
  test('codes are ascending, zero counts leave, and the text form comes back', () => {
    const counts = addCount(addCount(countCodes([3, -1, 3]), 7, 2), 7, -2);
    assert.deepEqual(counts, { codes: [-1, 3], counts: [1, 2] });
    assert.equal(totalOf(counts), 3);
    assert.deepEqual(decodeCounts(encodeCounts(counts)), counts);
    assert.deepEqual(decodeCounts(encodeCounts(emptyCounts)), emptyCounts);
  });

  test('a text that is not counts is refused', () => {
    for (const text of ['', '{}', '[[1],[1,2]]', '[[1],["2"]]', '[[0.5],[1]]', '[[1],[null]]', '[1,2]']) {
      assert.equal(decodeCounts(text), undefined, text);
    }
  });

  test('two counts are aligned over the codes of both', () => {
    const { codes, reference, current } = alignCounts(countCodes([0, 0, 2]), countCodes([2, 5]));
    assert.deepEqual(
      [codes, reference, current],
      [
        [0, 2, 5],
        [2, 1, 0],
        [0, 1, 1],
      ],
    );
  });
});

describe('moments', () => {
  test('a spread of 1 around 1e12 keeps its variance', () => {
    const moments = momentsOf([1e12 - 1, 1e12, 1e12 + 1]);
    assert.equal(moments.mean, 1e12);
    assert.equal(varianceOf(moments), 1);
    assert.deepEqual([moments.min, moments.max], [1e12 - 1, 1e12 + 1]);
  });

  test('what cannot be squared is counted apart', () => {
    const moments = momentsOf([1, 1e308, Number.NaN, Number.NEGATIVE_INFINITY, 3]);
    assert.equal(moments.n, 2);
    assert.equal(moments.beyond, 3);
    assert.equal(moments.mean, 2);
  });

  test('the text form comes back, anything else is refused', () => {
    for (const moments of [emptyMoments, momentsOf([1, 2.5])]) {
      assert.deepEqual(decodeMoments(encodeMoments(moments)), moments);
    }
    assert.equal(decodeMoments('[1,2]'), undefined);
    assert.equal(decodeMoments('[1,2,"3",1,1,0]'), undefined);
    assert.equal(decodeMoments('nonsense'), undefined);
    assert.equal(varianceOf(momentsOf([4])), undefined);
  });
});

describe('Legendre sums', () => {
  const random = seededRandom(9);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

  test('the polynomials are orthonormal on [0, 1]', () => {
    const steps = 20_000;
    for (let a = 0; a < 4; a += 1) {
      for (let b = 0; b < 4; b += 1) {
        let integral = 0;
        for (let i = 0; i < steps; i += 1) {
          const p = legendrePolynomials((i + 0.5) / steps);
          integral += ((p[a] ?? 0) * (p[b] ?? 0)) / steps;
        }
        assert.ok(Math.abs(integral - (a === b ? 1 : 0)) < 1e-6, `${a} ${b}: ${integral}`);
      }
    }
  });

  test('over the reference each score has mean 0 and variance 1, exact and from bins, ties included', () => {
    const values = Array.from({ length: 2000 }, () => Math.round(normal() * 5) / 5);
    const sorted = sortedFinite(values);
    const exact = fitLegendreOnValues(sorted);
    const bins = fitNumericBins(values, { bins: 20 });
    assert.ok(exact && bins);
    const counts = countCodes(values.map(coder(bins)));
    const binned = fitLegendreOnCounts(counts);
    assert.ok(binned);
    const ofValues = values.map((x) => exact(x) ?? [9, 9, 9, 9]);
    const ofBins = values.map((x) => binned(coder(bins)(x)) ?? [9, 9, 9, 9]);
    for (const scores of [ofValues, ofBins]) {
      for (let k = 0; k < 4; k += 1) {
        const moments = momentsOf(scores.map((s) => s[k] ?? 9));
        assert.ok(Math.abs(moments.mean) < 1e-12);
        assert.ok(Math.abs(moments.squares / moments.n - 1) < 1e-12);
      }
    }
  });

  test('a shift of a quarter of a standard deviation moves the location mean by about 0.24', () => {
    const reference = sortedFinite(Array.from({ length: 50_000 }, normal));
    const scoresOf = fitLegendreOnValues(reference);
    assert.ok(scoresOf);
    const scores = Array.from({ length: 50_000 }, () => scoresOf(normal() + 0.25)?.[0] ?? 9);
    assert.ok(Math.abs(momentsOf(scores).mean - 0.244) < 0.015, `${momentsOf(scores).mean}`);
  });

  test('a bin that the reference never filled takes the rank between its neighbours; nulls have none', () => {
    const scoresOf = fitLegendreOnCounts({ codes: [1, 3], counts: [50, 50] });
    assert.ok(scoresOf);
    const below = scoresOf(0)?.[0] ?? 9;
    const first = scoresOf(1)?.[0] ?? 9;
    const between = scoresOf(2)?.[0] ?? 9;
    const above = scoresOf(CODES.positiveInfinity)?.[0] ?? -9;
    assert.ok(below < first && first < between && between < (scoresOf(3)?.[0] ?? 9));
    assert.ok(above > (scoresOf(3)?.[0] ?? 9));
    assert.equal(scoresOf(CODES.null), undefined);
    assert.equal(scoresOf(CODES.nan), undefined);
    assert.equal(scoresOf(CODES.unseen), undefined);
    const sums = legendreOfCounts({ codes: [-1, 1, 3], counts: [10, 20, 20] }, scoresOf);
    assert.equal(sums.n, 40);
    assert.ok(Math.abs(sums.sums[0]) < 1e-12);
  });

  test('an empty reference has no scores, a constant one only zeros', () => {
    assert.equal(fitLegendreOnCounts(emptyCounts), undefined);
    assert.equal(fitLegendreOnValues([]), undefined);
    assert.deepEqual(fitLegendreOnCounts({ codes: [4], counts: [9] })?.(4), [0, 0, 0, 0]);
  });
});
