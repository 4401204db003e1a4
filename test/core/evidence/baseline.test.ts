import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { learnBaseline } from '../../../src/core/evidence/baseline.ts';
import { type Component, components, planComponents } from '../../../src/core/evidence/components.ts';
import { extendReference, prepareReference } from '../../../src/core/evidence/reference.ts';
import { mergePanes, type PaneCounts } from '../../../src/core/windows/pane-counts.ts';

function pane(codes: readonly number[], counts: readonly number[]): PaneCounts {
  return { n: counts.reduce((a, b) => a + b, 0), codes, counts, finite: 0, total: 0, squares: 0 };
}

function component(mean: number): Component {
  return { name: 'location', law: 'mean', mean, rowVariance: 1, rows: 1_000_000 };
}

const CODES = [-2, -1, 0, 1, 2, 3, 4];
const counts = fc.array(fc.integer({ min: 0, max: 400 }), {
  minLength: CODES.length,
  maxLength: CODES.length,
});

test('components of two slices together are their means weighted by rows, however the rows are cut', () => {
  fc.assert(
    fc.property(
      counts,
      counts,
      counts,
      fc.constantFrom('numeric' as const, 'categorical' as const),
      (r, a, b, kind) => {
        const plan = planComponents({
          kind,
          ranks: pane(
            CODES,
            r.map((count) => count + 1),
          ),
        });
        const of = (...panes: PaneCounts[]) => components({ plan, pane: mergePanes(panes) });
        const [one, two, both] = [of(pane(CODES, a)), of(pane(CODES, b)), of(pane(CODES, a), pane(CODES, b))];
        for (const [at, whole] of both.entries()) {
          const [first, second] = [one[at], two[at]];
          assert.ok(first !== undefined && second !== undefined);
          assert.equal(first.rows + second.rows, whole.rows);
          const expected = first.mean * first.rows + second.mean * second.rows;
          assert.ok(Math.abs(expected - whole.mean * whole.rows) < 1e-6 * Math.max(1, whole.rows));
        }
      },
    ),
  );
});

test('shares of a categorical window add up to 1, rare and unseen categories included', () => {
  const ranks = pane(
    Array.from({ length: 60 }, (_, at) => at),
    Array.from({ length: 60 }, (_, at) => 100 - at),
  );
  const plan = planComponents({ kind: 'categorical', ranks });
  const window = components({ plan, pane: pane([-5, -1, 0, 59, 77], [3, 4, 5, 6, 2]) });
  assert.equal(window.length, 23);
  assert.ok(Math.abs(window.reduce((sum, { mean }) => sum + mean, 0) - 1) < 1e-12);
  assert.equal(window.find(({ name }) => name === 'share:other')?.mean, 8 / 20);
});

test('learning window by window gives the sum of squares within the seasonal classes', () => {
  const windows = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 3 }), fc.double({ min: -3, max: 3, noNaN: true })),
    {
      minLength: 8,
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(windows, (past) => {
      const baseline = learnBaseline(
        past.map(([season, mean]) => ({ season, components: [component(mean)] })),
      );
      const classes = Map.groupBy(past, ([season]) => season);
      let squares = 0;
      for (const members of classes.values()) {
        const mean = members.reduce((sum, [, x]) => sum + x, 0) / members.length;
        squares += members.reduce((sum, [, x]) => sum + (x - mean) ** 2, 0);
      }
      assert.equal(baseline.df, past.length - classes.size);
      if (baseline.df === 0) return;
      const expected = Math.max(1e-6, squares / baseline.df);
      const got = baseline.components.get('location')?.variance ?? 0;
      assert.ok(Math.abs(got - expected) < 1e-9 * Math.max(1, expected), `${got} ${expected}`);
    }),
  );
});

test('a reference with one more window is the reference prepared with it', () => {
  const windows = Array.from({ length: 12 }, (_, at) => ({
    startMs: at * 3_600_000,
    pane: pane([0, 1, 2], [50 + at, 40, 30 + (at % 3)]),
  }));
  const common = {
    id: 'r',
    kind: 'categorical',
    season: 'day',
    frozen: false,
    ranks: pane([0, 1, 2], [5, 4, 3]),
  } as const;
  const whole = prepareReference({ ...common, windows });
  const [last] = windows.slice(-1);
  assert.ok(last !== undefined);
  const extended = extendReference(prepareReference({ ...common, windows: windows.slice(0, -1) }), last);
  assert.deepEqual({ ...extended, plan: null }, { ...whole, plan: null });
});
