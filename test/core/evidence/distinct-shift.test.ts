import assert from 'node:assert/strict';
import { test } from 'node:test';
import { components } from '../../../src/core/evidence/components.ts';
import { usualDistinct } from '../../../src/core/evidence/distinct-shift.ts';
import { type CellState, FIRST_WINDOW, judgeWindow } from '../../../src/core/evidence/judge-window.ts';
import { prepareReference, type Reference } from '../../../src/core/evidence/reference.ts';
import type { Judgement, Limits } from '../../../src/core/evidence/window-judgement.ts';
import { type Random, seededRandom } from '../../../src/core/random.ts';
import { distinctScores, distinctWindow } from '../../../src/core/simulation/distinct-series.ts';
import { CODES } from '../../../src/core/statistic.ts';
import type { PaneCounts } from '../../../src/core/windows/pane-counts.ts';

const HOUR = 3_600_000;
const LIMITS: Limits = {
  paneMs: HOUR,
  minimumRows: 100,
  minimumWindows: 14,
  alpha: 1e-5,
  evidenceAt: 100_000,
  effectFloor: { sd: 0.5, share: 0.1, distinct: 0.5 },
  closeAfter: 3,
};

function learn(random: Random, values: number, windows = 40): Reference {
  return prepareReference({
    id: 'r',
    kind: 'categorical',
    season: 'none',
    frozen: false,
    windows: Array.from({ length: windows }, (_, at) => ({
      startMs: at * HOUR,
      pane: distinctWindow({ random, values, rows: 1_000 }),
    })),
  });
}

function judgeAll(reference: Reference, panes: readonly PaneCounts[]): Judgement[] {
  let state: CellState = FIRST_WINDOW;
  return panes.map((pane, at) => {
    const step = judgeWindow({ state, startMs: (100 + at) * HOUR, pane, reference, limits: LIMITS });
    state = step.state;
    return step.judgement;
  });
}

test('values that leak into a category are found in one window, though no bin has more rows than before', () => {
  const random = seededRandom(1);
  const reference = learn(random, 60);
  const values = [60, 60, 60, 500, 500, 60, 60, 60, 60];
  const judged = judgeAll(
    reference,
    values.map((many) => distinctWindow({ random, values: many, rows: 1_000 })),
  );
  const drifts = judged.map(({ verdict }) => verdict);
  assert.deepEqual(drifts.slice(0, 5), ['ok', 'ok', 'ok', 'drift', 'drift']);
  assert.equal(drifts.at(-1), 'ok');
  const found = judged[3];
  assert.ok(found?.verdict === 'drift');
  assert.deepEqual([found.leader, found.effect.unit, found.effect.direction], ['distinct', 'distinct', 1]);
  assert.match(found.law, /distinct count/);
  assert.ok(found.effect.value > 3 && (found.distinct?.current ?? 0) > 4 * (found.distinct?.usual ?? 0));
});

test('a category of which most values have gone is found as well', () => {
  const random = seededRandom(2);
  const reference = learn(random, 400);
  const judged = judgeAll(
    reference,
    [400, 400, 60].map((many) => distinctWindow({ random, values: many, rows: 1_000 })),
  );
  assert.deepEqual(
    judged.map(({ verdict }) => verdict),
    ['ok', 'ok', 'drift'],
  );
  assert.ok(judged[2]?.verdict === 'drift' && judged[2].effect.direction === -1);
});

test('without a change the score is hardly ever beyond 3, with 60 values or 100,000 and windows of any size', () => {
  for (const [seed, values, sizes] of [
    [3, 60, 0],
    [4, 5_000, 0],
    [5, 100_000, 0],
    [6, 5_000, 0.5],
  ] as const) {
    const scores = distinctScores({ random: seededRandom(seed), windows: 300, values, sizes, repeat: 0 });
    assert.equal(scores.length, 300);
    const beyond = scores.filter((z) => Math.abs(z) > 3).length;
    assert.ok(beyond <= 3, `${beyond} of 300 beyond 3 with ${values} values`);
  }
});

test('four times the rows have more values, and that is no drift', () => {
  const random = seededRandom(7);
  const reference = learn(random, 5_000);
  const [judged] = judgeAll(reference, [distinctWindow({ random, values: 5_000, rows: 4_000 })]);
  assert.ok(judged?.verdict === 'ok' && (judged.distinct?.current ?? 0) > 3 * (judged.distinct?.usual ?? 0));
  assert.deepEqual(usualDistinct({ past: { mean: 100, windows: 5, rows: 1_000 }, rows: 4_000 }), {
    low: 100,
    high: 400,
  });
  assert.deepEqual(usualDistinct({ past: { mean: 100, windows: 5, rows: 1_000 }, rows: 500 }), {
    low: 50,
    high: 100,
  });
});

test('rows without a value have none, and are none of the rows that values are expected in', () => {
  const random = seededRandom(8);
  const reference = learn(random, 60);
  const pane = { ...distinctWindow({ random, values: 60, rows: 500 }), n: 1_000 };
  const half = { ...pane, codes: [CODES.null, ...pane.codes], counts: [500, ...pane.counts] };
  const [counted] = components({ plan: reference.plan, pane: half }).filter(({ law }) => law === 'count');
  assert.equal(counted?.rows, 500);
});

test('an index of too few rows for its bins is insufficient, with the rows it needs, and the window is judged', () => {
  const random = seededRandom(9);
  const wide = (rows: number): PaneCounts => {
    const counts = new Array<number>(40).fill(0);
    for (let at = 0; at < rows; at += 1) {
      const bin = Math.floor(40 * random());
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    const codes = counts.map((_, code) => code);
    return { n: rows, codes, counts, finite: 0, total: 0, squares: 0 };
  };
  const reference = prepareReference({
    id: 'r',
    kind: 'categorical',
    season: 'none',
    frozen: false,
    windows: Array.from({ length: 40 }, (_, at) => ({ startMs: at * HOUR, pane: wide(150) })),
  });
  const [small, large] = judgeAll(reference, [wide(150), wide(250)]);
  assert.ok(small?.verdict === 'ok' && large?.verdict === 'ok');
  assert.deepEqual(small.psi, { status: 'insufficient', need: 200, have: 150 });
  assert.ok(large.psi.status === 'ok' && large.psi.bins === 40 && large.psi.value > 0);
});
