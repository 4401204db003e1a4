import assert from 'node:assert/strict';
import { test } from 'node:test';
import { designEffect } from '../../../src/core/evidence/design-effect.ts';
import { shareMoved, standardisedDifference } from '../../../src/core/evidence/effect-size.ts';
import { type CellState, FIRST_WINDOW, judgeWindow } from '../../../src/core/evidence/judge-window.ts';
import { prepareReference } from '../../../src/core/evidence/reference.ts';
import type { Limits } from '../../../src/core/evidence/window-judgement.ts';
import { seededRandom } from '../../../src/core/random.ts';
import type { PaneCounts } from '../../../src/core/windows/pane-counts.ts';

const DAY = 86_400_000;
const LIMITS: Limits = {
  paneMs: DAY,
  minimumRows: 100,
  minimumWindows: 10,
  alpha: 1e-4,
  evidenceAt: 10_000,
  effectFloor: { sd: 0.25, share: 0.05, distinct: 0.5 },
  closeAfter: 5,
};

/** A window of normal values in 20 bins of the standard normal, `shared` of the variance common to all its rows. */
function windowOf(args: { random: () => number; rows: number; shift: number; shared: number }): PaneCounts {
  const { random, rows, shift, shared } = args;
  const common = Math.sqrt(shared) * normal(random);
  const counts = new Map<number, number>();
  let [total, squares] = [0, 0];
  for (let i = 0; i < rows; i += 1) {
    const x = shift + common + Math.sqrt(1 - shared) * normal(random);
    const code = EDGES.findIndex((edge) => x < edge);
    const bin = code < 0 ? EDGES.length : code;
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
    total += x;
    squares += x * x;
  }
  const codes = [...counts.keys()].sort((a, b) => a - b);
  return { n: rows, codes, counts: codes.map((code) => counts.get(code) ?? 0), finite: rows, total, squares };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const EDGES = Array.from({ length: 19 }, (_, index) => -2 + (index * 4) / 18);

function run(args: { seed: number; windows: number; shift: number; shared: number }) {
  const random = seededRandom(args.seed);
  const past = Array.from({ length: 60 }, (_, index) => ({
    startMs: index * DAY,
    pane: windowOf({ random, rows: 500, shift: 0, shared: args.shared }),
  }));
  const reference = prepareReference({
    id: 'r',
    kind: 'numeric',
    season: 'none',
    frozen: true,
    windows: past,
  });
  let state: CellState = FIRST_WINDOW;
  const verdicts: string[] = [];
  for (let index = 0; index < args.windows; index += 1) {
    const pane = windowOf({ random, rows: 500, shift: args.shift, shared: args.shared });
    const step = judgeWindow({ state, startMs: (60 + index) * DAY, pane, reference, limits: LIMITS });
    state = step.state;
    verdicts.push(step.judgement.verdict);
  }
  return { verdicts, reference };
}

test('independent rows have a design effect of about one, rows that share a common part a large one', () => {
  assert.ok(run({ seed: 1, windows: 0, shift: 0, shared: 0 }).reference.designEffect < 1.2);
  assert.ok(run({ seed: 1, windows: 0, shift: 0, shared: 0.3 }).reference.designEffect > 10);
});

test('a design effect needs three windows', () => {
  const pane = windowOf({ random: seededRandom(3), rows: 500, shift: 0, shared: 0 });
  assert.deepEqual(designEffect([pane, pane]), { status: 'insufficient', need: 3, have: 2 });
});

test('no drift is found where there is none, independent rows or not', () => {
  for (const shared of [0, 0.3]) {
    for (let seed = 1; seed <= 5; seed += 1) {
      const { verdicts } = run({ seed, windows: 100, shift: 0, shared });
      assert.equal(
        verdicts.filter((verdict) => verdict === 'drift').length,
        0,
        `shared ${shared}, seed ${seed}`,
      );
    }
  }
});

test('half a standard deviation is found in the first window of independent rows', () => {
  for (let seed = 1; seed <= 20; seed += 1)
    assert.equal(run({ seed, windows: 1, shift: 0.5, shared: 0 }).verdicts[0], 'drift');
});

test('a shift of dependent rows is found over windows, not in one', () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const { verdicts } = run({ seed, windows: 40, shift: 1.5, shared: 0.3 });
    assert.ok(verdicts.includes('drift'), `seed ${seed}`);
  }
});

test('a drift lasts until the windows together are back', () => {
  const random = seededRandom(7);
  const past = Array.from({ length: 60 }, (_, index) => ({
    startMs: index * DAY,
    pane: windowOf({ random, rows: 500, shift: 0, shared: 0 }),
  }));
  const reference = prepareReference({
    id: 'r',
    kind: 'numeric',
    season: 'none',
    frozen: true,
    windows: past,
  });
  let state: CellState = FIRST_WINDOW;
  const verdicts: string[] = [];
  for (let index = 0; index < 30; index += 1) {
    const pane = windowOf({ random, rows: 500, shift: index < 10 ? 1 : 0, shared: 0 });
    const step = judgeWindow({ state, startMs: (60 + index) * DAY, pane, reference, limits: LIMITS });
    state = step.state;
    verdicts.push(step.judgement.verdict);
  }
  assert.deepEqual(new Set(verdicts.slice(0, 10)), new Set(['drift']));
  assert.equal(verdicts[10], 'drift');
  assert.deepEqual(new Set(verdicts.slice(20)), new Set(['ok']));
});

test('too few rows and too few past windows are insufficient, say what is needed, and change nothing', () => {
  const random = seededRandom(2);
  const pane = windowOf({ random, rows: 99, shift: 5, shared: 0 });
  const { reference } = run({ seed: 1, windows: 0, shift: 0, shared: 0 });
  const few = judgeWindow({ state: FIRST_WINDOW, startMs: 0, pane, reference, limits: LIMITS });
  assert.equal(few.state, FIRST_WINDOW);
  assert.ok(
    few.judgement.verdict === 'insufficient' && few.judgement.need === 100 && few.judgement.have === 99,
  );
  const young = prepareReference({ id: 'r', kind: 'numeric', season: 'none', frozen: true, windows: [] });
  const early = judgeWindow({
    state: FIRST_WINDOW,
    startMs: 0,
    pane: { ...pane, n: 500 },
    reference: young,
    limits: LIMITS,
  });
  assert.ok(
    early.judgement.verdict === 'insufficient' && early.judgement.need === 10 && early.judgement.have === 0,
  );
});

test('the effect in sd is the difference of means, and a constant reference has none', () => {
  const at = (mean: number, n = 100): PaneCounts => ({
    n,
    codes: [0],
    counts: [n],
    finite: n,
    total: n * mean,
    squares: n * (mean * mean + 4),
  });
  assert.equal(standardisedDifference({ reference: at(10), current: at(13) })?.value, 1.5);
  assert.equal(standardisedDifference({ reference: at(10), current: at(7) })?.direction, -1);
  const constant: PaneCounts = { n: 10, codes: [0], counts: [10], finite: 10, total: 50, squares: 250 };
  assert.equal(standardisedDifference({ reference: constant, current: at(10) }), undefined);
});

test('the share that moved is what left its bin, less what sampling moves', () => {
  const even: PaneCounts = { n: 1e9, codes: [0, 1], counts: [5e8, 5e8], finite: 0, total: 0, squares: 0 };
  const uneven: PaneCounts = { ...even, counts: [7e8, 3e8] };
  assert.ok(Math.abs(shareMoved({ reference: even, current: uneven, designEffect: 1 }).value - 0.2) < 1e-4);
  assert.equal(shareMoved({ reference: even, current: even, designEffect: 1 }).value, 0);
});
