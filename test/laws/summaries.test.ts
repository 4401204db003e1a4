import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { coder, fitNumericBins } from '../../src/core/summaries/bins.ts';
import {
  addCount,
  countCodes,
  decodeCounts,
  emptyCounts,
  encodeCounts,
  mergeCounts,
  totalOf,
} from '../../src/core/summaries/counts.ts';
import {
  addLegendre,
  emptyLegendre,
  fitLegendreOnCounts,
  type LegendreSums,
  legendreOfCounts,
  mergeLegendre,
} from '../../src/core/summaries/legendre.ts';
import {
  addMoment,
  decodeMoments,
  emptyMoments,
  encodeMoments,
  type Moments,
  mergeMoments,
  momentsOf,
} from '../../src/core/summaries/moments.ts';

const anyNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, 1e308, -1e308, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.integer({ min: -5, max: 5 }),
);
const plainNumber = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.integer({ min: -5, max: 5 }),
);
const code = fc.integer({ min: -5, max: 12 });
const codes = fc.array(code, { maxLength: 60 });

describe('counts', () => {
  test('merging is associative and commutative, and nothing added is nothing changed', () => {
    fc.assert(
      fc.property(codes, codes, codes, (x, y, z) => {
        const [a, b, c] = [countCodes(x), countCodes(y), countCodes(z)];
        assert.deepEqual(mergeCounts(a, b), mergeCounts(b, a));
        assert.deepEqual(mergeCounts(mergeCounts(a, b), c), mergeCounts(a, mergeCounts(b, c)));
        assert.deepEqual(mergeCounts(a, emptyCounts), a);
      }),
    );
  });

  test('split and merged equals whole, in any order of rows; adding equals merging', () => {
    fc.assert(
      fc.property(codes, fc.nat(), code, (rows, at, one) => {
        const cut = rows.length === 0 ? 0 : at % rows.length;
        const whole = countCodes(rows);
        assert.deepEqual(mergeCounts(countCodes(rows.slice(0, cut)), countCodes(rows.slice(cut))), whole);
        assert.deepEqual(countCodes([...rows].reverse()), whole);
        assert.deepEqual(addCount(whole, one), countCodes([...rows, one]));
        assert.equal(totalOf(whole), rows.length);
        assert.deepEqual(decodeCounts(encodeCounts(whole)), whole);
      }),
    );
  });
});

describe('moments', () => {
  const near = (a: Moments, b: Moments): void => {
    const scale = Math.max(1, Math.abs(a.min ?? 0), Math.abs(a.max ?? 0));
    assert.equal(a.n, b.n);
    assert.equal(a.beyond, b.beyond);
    assert.deepEqual([a.min, a.max], [b.min, b.max]);
    assert.ok(Math.abs(a.mean - b.mean) <= 1e-12 * scale, `${a.mean} ${b.mean}`);
    assert.ok(Math.abs(a.squares - b.squares) <= 1e-12 * scale * scale * Math.max(1, a.n));
  };

  test('merging is commutative to the bit, associative to rounding, and has an identity', () => {
    const some = fc.array(plainNumber, { maxLength: 40 });
    fc.assert(
      fc.property(some, some, some, (x, y, z) => {
        const [a, b, c] = [momentsOf(x), momentsOf(y), momentsOf(z)];
        assert.deepEqual(mergeMoments(a, b), mergeMoments(b, a));
        near(mergeMoments(mergeMoments(a, b), c), mergeMoments(a, mergeMoments(b, c)));
        assert.deepEqual(mergeMoments(a, emptyMoments), a);
        assert.deepEqual(mergeMoments(emptyMoments, a), a);
        near(mergeMoments(a, b), momentsOf([...y, ...x]));
      }),
    );
  });

  test('no input gives NaN or an infinity, and the text form comes back to the bit', () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { maxLength: 40 }), anyNumber, (values, more) => {
        const moments = addMoment(momentsOf(values), more);
        assert.equal(moments.n + moments.beyond, values.length + 1);
        for (const value of [moments.mean, moments.squares]) assert.ok(Number.isFinite(value));
        assert.ok(moments.squares >= 0);
        assert.deepEqual(decodeMoments(encodeMoments(moments)), withoutNegativeZero(moments));
      }),
    );
  });
});

describe('bins', () => {
  test('every number has exactly one code, larger numbers have no smaller bin, edges ascend', () => {
    fc.assert(
      fc.property(
        fc.array(anyNumber, { maxLength: 60 }),
        anyNumber,
        anyNumber,
        fc.integer({ min: 1, max: 30 }),
        (reference, x, y, wanted) => {
          const bins = fitNumericBins(reference, { bins: wanted });
          if (bins === undefined) return assert.ok(!reference.some(Number.isFinite));
          bins.edges.forEach((edge, i) => {
            assert.ok(Number.isFinite(edge));
            if (i > 0) assert.ok(edge > (bins.edges[i - 1] ?? Number.POSITIVE_INFINITY));
          });
          const codeOf = coder(bins);
          if (Number.isFinite(x) && Number.isFinite(y)) {
            const [low, high] = x <= y ? [x, y] : [y, x];
            assert.ok(codeOf(low) <= codeOf(high));
            assert.ok(codeOf(low) >= 0 && codeOf(high) <= bins.edges.length);
          } else assert.ok(Number.isInteger(codeOf(x)));
        },
      ),
    );
  });

  test('bins do not depend on the order of the reference', () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { maxLength: 60 }), (reference) => {
        assert.deepEqual(fitNumericBins([...reference].reverse()), fitNumericBins(reference));
      }),
    );
  });
});

describe('Legendre sums', () => {
  const near = (a: LegendreSums, b: LegendreSums): void => {
    assert.equal(a.n, b.n);
    a.sums.forEach((sum, k) => {
      assert.ok(Math.abs(sum - (b.sums[k] ?? 0)) <= 1e-9 * Math.max(1, a.n));
    });
  };

  test('a window split in two and merged equals the whole, and the reference itself sums to 0', () => {
    fc.assert(
      fc.property(codes, codes, codes, (reference, x, y) => {
        const scoresOf = fitLegendreOnCounts(countCodes(reference));
        if (scoresOf === undefined) return assert.ok(!reference.some((c) => c >= 0 || c === -3 || c === -4));
        const [a, b] = [legendreOfCounts(countCodes(x), scoresOf), legendreOfCounts(countCodes(y), scoresOf)];
        near(mergeLegendre(a, b), legendreOfCounts(countCodes([...y, ...x]), scoresOf));
        near(mergeLegendre(a, b), mergeLegendre(b, a));
        assert.deepEqual(mergeLegendre(a, emptyLegendre), a);
        const scores = scoresOf(0);
        if (scores !== undefined)
          near(addLegendre(a, scores), legendreOfCounts(countCodes([...x, 0]), scoresOf));
        const own = legendreOfCounts(countCodes(reference), scoresOf);
        for (const sum of own.sums) assert.ok(Math.abs(sum) < 1e-9);
      }),
    );
  });
});

/** JSON has one zero only. */
function withoutNegativeZero(moments: Moments): Moments {
  const zero = (x: number | null): number | null => (x === 0 ? 0 : x);
  return {
    ...moments,
    mean: moments.mean === 0 ? 0 : moments.mean,
    min: zero(moments.min),
    max: zero(moments.max),
  };
}
