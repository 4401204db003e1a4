import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../src/core/random.ts';
import type { Column, Computed, Result } from '../../src/core/statistic.ts';
import { binnedKolmogorovSmirnov } from '../../src/core/statistics/binned-kolmogorov-smirnov.ts';
import { binnedWasserstein } from '../../src/core/statistics/binned-wasserstein.ts';
import { STATISTICS, type StatisticName } from '../../src/core/statistics/index.ts';
import { kolmogorovSmirnov } from '../../src/core/statistics/kolmogorov-smirnov.ts';
import { wasserstein } from '../../src/core/statistics/wasserstein.ts';
import { coder, fitNumericBins } from '../../src/core/summaries/bins.ts';
import { countCodes } from '../../src/core/summaries/counts.ts';

const hostileNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(
    null,
    0,
    -0,
    1e308,
    -1e308,
    5e-324,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ),
);
const hostileColumn: fc.Arbitrary<Column> = fc.oneof(
  fc.record({ form: fc.constant('numbers' as const), values: fc.array(hostileNumber, { maxLength: 80 }) }),
  fc.record({
    form: fc.constant('numbers' as const),
    values: fc.array(fc.constantFrom(1e308, -1e308, null), { minLength: 30, maxLength: 90 }),
  }),
  fc.record({
    form: fc.constant('categories' as const),
    values: fc.array(fc.oneof(fc.string(), fc.constantFrom(null, 'a', 'b', '__proto__')), { maxLength: 60 }),
  }),
  fc
    .array(fc.tuple(fc.integer({ min: -5, max: 9 }), fc.oneof(fc.nat(50), fc.constant(2 ** 52))), {
      maxLength: 9,
    })
    .map((pairs) => {
      const unique = [...new Map(pairs)].sort(([a], [b]) => a - b);
      return {
        form: 'counts' as const,
        counts: { codes: unique.map(([code]) => code), counts: unique.map(([, rows]) => rows) },
      };
    }),
  fc.record({
    form: fc.constant('vectors' as const),
    rows: fc.array(fc.array(fc.double(), { maxLength: 3 }), { maxLength: 90 }),
  }),
);

const values = fc.array(
  fc.oneof(fc.integer({ min: -4, max: 4 }), fc.double({ min: -1e3, max: 1e3, noNaN: true })),
  { minLength: 2, maxLength: 60 },
);
const binRows = fc.array(fc.nat(200), { minLength: 2, maxLength: 8 });

const named = (name: StatisticName) => {
  const statistic = STATISTICS.find((each) => each.name === name);
  assert.ok(statistic);
  return statistic;
};
const numbers = (list: readonly number[]): Column => ({ form: 'numbers', values: list });
const bins = (rows: readonly number[]): Column => ({
  form: 'counts',
  counts: { codes: rows.map((_, i) => i), counts: rows },
});

describe('every statistic', () => {
  test('answers anything with finite numbers within their bounds, or says what is missing', () => {
    fc.assert(
      fc.property(hostileColumn, hostileColumn, (reference, current) => {
        for (const { name, compare } of STATISTICS) {
          const result = compare({ reference, current, random: seededRandom(1) });
          if (result.status === 'insufficient') {
            assert.ok(
              result.why.length > 0 && Number.isFinite(result.need) && Number.isFinite(result.have),
              name,
            );
            continue;
          }
          for (const [key, value] of Object.entries({ ...result, ...result.details })) {
            if (typeof value === 'number') assert.ok(Number.isFinite(value), `${name}.${key} = ${value}`);
          }
          const p = result.pValue ?? 0.5;
          assert.ok(p >= 0 && p <= 1, `${name}: p = ${p}`);
          assert.ok(result.n > 0 && result.m > 0, name);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('does not depend on the order of rows', () => {
    const ordered = STATISTICS.filter(
      ({ name }) => name !== 'classifier-two-sample' && name !== 'maximum-mean-discrepancy',
    );
    fc.assert(
      fc.property(values, values, (a, b) => {
        for (const { name, compare } of ordered) {
          const one = compare({ reference: numbers(a), current: numbers(b) });
          const other = compare({ reference: numbers([...a].reverse()), current: numbers([...b].sort()) });
          same(one, other, 1e-9, name);
        }
      }),
    );
  });
});

describe('statistics of ranks', () => {
  test('do not change under an increasing map of the values', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const map = (x: number): number => Math.atan(Math.round(x * 16) / 16 / 100) * 7 + 3;
        const coarse = (x: number): number => Math.round(x * 16) / 16;
        for (const name of RANKED) {
          const { compare } = named(name);
          const plain = compare({ reference: numbers(a.map(coarse)), current: numbers(b.map(coarse)) });
          const mapped = compare({ reference: numbers(a.map(map)), current: numbers(b.map(map)) });
          same(withoutPlace(plain), withoutPlace(mapped), 1e-12, name);
        }
      }),
    );
  });
});

describe('symmetric statistics', () => {
  test('give the same distance and p-value with the sides exchanged', () => {
    fc.assert(
      fc.property(values, values, binRows, binRows, (a, b, k, l) => {
        for (const name of SYMMETRIC_NUMBERS) exchange(name, numbers(a), numbers(b));
        for (const name of SYMMETRIC_BINS) exchange(name, bins(k), bins(l));
      }),
    );
  });

  function exchange(name: StatisticName, a: Column, b: Column): void {
    const { compare } = named(name);
    const one = compare({ reference: a, current: b });
    const other = compare({ reference: b, current: a });
    assert.equal(one.status, other.status, name);
    if (one.status !== 'ok' || other.status !== 'ok') return;
    near(one.value, other.value, 1e-9, name);
    near(one.pValue ?? 0, other.pValue ?? 0, 1e-9, name);
  }

  test('exchanging the sides turns Welch and the Mann-Whitney effect around', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const t = [a, b].map((side, i) =>
          named('welch').compare({ reference: numbers(side), current: numbers(i === 0 ? b : a) }),
        );
        if (t[0]?.status === 'ok' && t[1]?.status === 'ok') near(t[0].value, -t[1].value, 1e-9, 'welch');
        const u = [a, b].map((side, i) =>
          named('mann-whitney').compare({ reference: numbers(side), current: numbers(i === 0 ? b : a) }),
        );
        if (u[0]?.status === 'ok' && u[1]?.status === 'ok') {
          near(u[0].effect ?? 9, -(u[1].effect ?? 0), 1e-9, 'mann-whitney');
          near(u[0].value + u[1].value, a.length * b.length, 1e-9, 'mann-whitney');
        }
      }),
    );
  });
});

describe('Kolmogorov-Smirnov from counts', () => {
  test('brackets the statistic of the raw rows within its stated resolution', () => {
    fc.assert(
      fc.property(values, values, fc.integer({ min: 2, max: 20 }), (a, b, wanted) => {
        const frozen = fitNumericBins(a, { bins: wanted });
        assert.ok(frozen);
        const binned = binnedKolmogorovSmirnov(
          countCodes(a.map(coder(frozen))),
          countCodes(b.map(coder(frozen))),
        );
        const raw = kolmogorovSmirnov(a, b, { method: 'finite' });
        assert.ok(binned.status === 'ok' && raw.status === 'ok');
        const { resolution = 0 } = binned.details ?? {};
        assert.ok(binned.value <= raw.value + 1e-12);
        assert.ok(raw.value <= binned.value + resolution + 1e-12);
        assert.ok((binned.pValue ?? 1) >= (raw.pValue ?? 0) - 1e-9);
      }),
    );
  });
});

describe('Wasserstein from counts', () => {
  test('is within its stated resolution of the statistic of the raw rows, on any bins', () => {
    fc.assert(
      fc.property(values, values, fc.integer({ min: 2, max: 20 }), (a, b, wanted) => {
        const frozen = fitNumericBins(a, { bins: wanted });
        assert.ok(frozen);
        const all = [...a, ...b];
        const binned = binnedWasserstein({
          reference: countCodes(a.map(coder(frozen))),
          current: countCodes(b.map(coder(frozen))),
          edges: frozen.edges,
          minimum: Math.min(...all),
          maximum: Math.max(...all),
        });
        const raw = wasserstein(a, b);
        assert.ok(binned.status === 'ok' && raw.status === 'ok');
        const { resolution = 0 } = binned.details ?? {};
        const rounding = 1e-9 * Math.max(1, Math.abs(Math.max(...all) - Math.min(...all)));
        assert.ok(Math.abs(raw.value - binned.value) <= resolution + rounding);
      }),
    );
  });

  test('is worked by hand on four bins', () => {
    const counts = (rows: readonly number[]) =>
      countCodes(rows.map(coder({ kind: 'numeric', edges: [1, 2, 3] })));
    const ends = { edges: [1, 2, 3], minimum: 0, maximum: 4 };
    const even = binnedWasserstein({
      reference: counts([0, 1, 2, 3]),
      current: counts([0, 1, 2, 3]),
      ...ends,
    });
    assert.ok(even.status === 'ok');
    assert.equal(even.value, 0);
    const moved = binnedWasserstein({
      reference: counts([0, 0, 0]),
      current: counts([3, 3, 3]),
      ...ends,
      referenceSd: 2,
    });
    // From evenly within [0, 1) to evenly within [3, 4): 3 on average, between 2 and 4.
    assert.ok(moved.status === 'ok');
    assert.deepEqual([moved.value, moved.effect, moved.details?.['resolution']], [3, 1.5, 1]);
  });

  test('is insufficient without a finite number on either side', () => {
    const none = { codes: [-1, -2], counts: [3, 4] };
    const some = { codes: [0], counts: [3] };
    const ends = { edges: [1], minimum: 0, maximum: 1 };
    assert.equal(binnedWasserstein({ reference: none, current: some, ...ends }).status, 'insufficient');
    assert.equal(binnedWasserstein({ reference: some, current: none, ...ends }).status, 'insufficient');
  });
});

describe('distances', () => {
  test('are 0 between a sample and itself, and within 0 and 1 where they are shares', () => {
    fc.assert(
      fc.property(values, binRows, binRows, (a, k, l) => {
        for (const name of ['kolmogorov-smirnov', 'wasserstein', 'energy-distance'] as const) {
          const result = named(name).compare({ reference: numbers(a), current: numbers(a) });
          if (result.status === 'ok') assert.equal(result.value, 0, name);
        }
        for (const name of [
          'jensen-shannon',
          'hellinger',
          'total-variation',
          'l-infinity',
          'cramers-v',
        ] as const) {
          const itself = named(name).compare({ reference: bins(k), current: bins(k) });
          if (itself.status === 'ok') assert.ok(itself.value < 1e-7, `${name}: ${itself.value}`);
          const result = named(name).compare({ reference: bins(k), current: bins(l) });
          if (result.status === 'ok') assert.ok(result.value >= 0 && result.value <= 1 + 1e-12, name);
        }
      }),
    );
  });

  test('L-infinity is at most total variation; Hellinger squared at most, and Hellinger at least near it', () => {
    fc.assert(
      fc.property(binRows, binRows, (k, l) => {
        const [linf, tv, hellinger] = (['l-infinity', 'total-variation', 'hellinger'] as const).map((name) =>
          named(name).compare({ reference: bins(k), current: bins(l) }),
        );
        if (linf?.status !== 'ok' || tv?.status !== 'ok' || hellinger?.status !== 'ok') return;
        assert.ok(linf.value <= tv.value + 1e-12);
        assert.ok(hellinger.value ** 2 <= tv.value + 1e-12);
        assert.ok(tv.value <= Math.SQRT2 * hellinger.value + 1e-12);
      }),
    );
  });

  test('Wasserstein scales with the feature and moves with a shift of one side', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 9 }), (a, by) => {
        const { compare } = named('wasserstein');
        const moved = compare({ reference: numbers(a), current: numbers(a.map((x) => x + by)) });
        const scaled = compare({
          reference: numbers(a.map((x) => 2 * x)),
          current: numbers(a.map((x) => 2 * (x + by))),
        });
        assert.ok(moved.status === 'ok' && scaled.status === 'ok');
        near(moved.value, by, 1e-9, 'shift');
        near(scaled.value, 2 * by, 1e-9, 'scale');
      }),
    );
  });
});

function same(a: Result, b: Result, within: number, name: string): void {
  assert.equal(a.status, b.status, name);
  if (a.status !== 'ok' || b.status !== 'ok') {
    assert.deepEqual(a, b);
    return;
  }
  near(a.value, b.value, within, `${name} value`);
  near(a.pValue ?? 0, b.pValue ?? 0, within, `${name} p-value`);
  near(a.effect ?? 0, b.effect ?? 0, within, `${name} effect`);
  assert.deepEqual([a.n, a.m, a.bins, a.law], [b.n, b.m, b.bins, b.law], name);
}

function withoutPlace(result: Result): Result {
  if (result.status === 'insufficient') return result;
  const { details: _, ...rest }: Computed = result;
  return rest;
}

function near(a: number, b: number, within: number, name: string): void {
  assert.ok(Math.abs(a - b) <= within * Math.max(1, Math.abs(a)), `${name}: ${a} and ${b}`);
}

const RANKED = ['kolmogorov-smirnov', 'mann-whitney', 'anderson-darling', 'cramer-von-mises'] as const;
const SYMMETRIC_NUMBERS = [
  'kolmogorov-smirnov',
  'cramer-von-mises',
  'anderson-darling',
  'wasserstein',
  'energy-distance',
] as const;
const SYMMETRIC_BINS = [
  'population-stability-index',
  'jensen-shannon',
  'chi-squared',
  'g-test',
  'cramers-v',
  'hellinger',
  'total-variation',
  'l-infinity',
] as const;
