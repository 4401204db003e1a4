import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitBudget } from '../../../processors/detect/error-budget.ts';
import { FIRST_WINDOW, judgeWindow } from '../../../src/core/evidence/judge-window.ts';
import { startReference } from '../../../src/core/evidence/reference.ts';
import type { Limits } from '../../../src/core/evidence/window-judgement.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { measurePower } from '../../../src/core/simulation/drift-power.ts';
import { countRows, independentCounts, numericShape } from '../../../src/core/simulation/features.ts';
import { simulateQuiet } from '../../../src/core/simulation/quiet-year.ts';
import { latentRows, NORMALS } from '../../../src/core/simulation/rows.ts';

const HOUR = 3_600_000;
const LIMITS: Limits = {
  paneMs: HOUR,
  minimumRows: 100,
  minimumWindows: 672,
  ...splitBudget({ falsePages: 1, perMs: 720 * HOUR, paneMs: HOUR, cells: 20 }),
  effectFloor: { sd: 0, share: 0, distinct: 0 },
  closeAfter: 1,
};
const WORLD = {
  name: 'test',
  memory: 0,
  season: 0,
  reference: 10_000,
  streams: 20,
  correlation: 0,
  independent: true,
  frozen: false,
};

test('features whose level wanders from window to window page no more than the ledger expects', () => {
  const world = { ...WORLD, independent: false, wander: { sd: 0.1, memory: 0.9 } };
  const limits = { ...LIMITS, minimumWindows: 336 };
  const quiet = simulateQuiet({ world, seed: 3, windows: 800, limits });
  assert.ok(quiet.pages <= 3, `${quiet.pages} pages where ${quiet.expected} are expected`);
});

test('latent rows are standard normal with the autocorrelation asked for', () => {
  const rows = new Float64Array(200_000);
  latentRows({ random: seededRandom(1), memory: 0.8 })(rows);
  let [sum, squares, products] = [0, 0, 0];
  for (let at = 0; at < rows.length; at += 1) {
    sum += rows[at] ?? 0;
    squares += (rows[at] ?? 0) ** 2;
    products += (rows[at] ?? 0) * (rows[at - 1] ?? 0);
  }
  assert.ok(Math.abs(sum / rows.length) < 0.03);
  assert.ok(Math.abs(squares / rows.length - 1) < 0.03);
  assert.ok(Math.abs(products / squares - 0.8) < 0.01);
  assert.ok(Math.abs(NORMALS.reduce((total, x) => total + x * x, 0) / NORMALS.length - 1) < 1e-9);
});

test('counts drawn without rows are those of the rows, level included', () => {
  const sample = new Float64Array(2_000);
  latentRows({ random: seededRandom(1), memory: 0 })(sample);
  const shape = numericShape(sample);
  const [one, other] = [seededRandom(2), seededRandom(2)];
  const draw = latentRows({ random: one, memory: 0 });
  other();
  const counts = independentCounts({ shape, random: other, rows: 1_001 });
  const rows = new Float64Array(1_001);
  for (const shift of [0, 0.3, 0.3, -4]) {
    draw(rows);
    assert.deepEqual(counts(shift), countRows({ shape, rows, shift }));
  }
});

test('twenty days without a change stay within the budget; autocorrelated rows believed independent do not', () => {
  // On average at most .67 pages are allowed; 6 or more would come once in ten thousand runs.
  const quiet = simulateQuiet({ world: WORLD, seed: 5, windows: 480, limits: LIMITS });
  assert.ok(quiet.pages < 6, `${quiet.pages} pages`);
  assert.equal(quiet.judged, 480);
  assert.ok(Math.abs(quiet.expected - 2 / 3) < 1e-9);
  const believed = simulateQuiet({ world: { ...WORLD, memory: 0.8 }, seed: 5, windows: 100, limits: LIMITS });
  assert.ok(believed.pages > 100, `${believed.pages} pages`);
});

test('rows not known to be independent are not judged before 28 days', () => {
  const world = { ...WORLD, memory: 0.8, independent: false };
  assert.equal(simulateQuiet({ world, seed: 5, windows: 100, limits: LIMITS }).judged, 0);
});

test('a frozen reference of 2,000 rows pages nobody; with its own error ignored it pages all the time', () => {
  const pages = (frozen: boolean) => {
    let count = 0;
    for (let seed = 1; seed <= 10; seed += 1) {
      const draw = latentRows({ random: seededRandom(seed), memory: 0 });
      const sample = new Float64Array(2_000);
      draw(sample);
      const shape = numericShape(sample);
      const reference = startReference({
        id: 'r',
        kind: 'numeric',
        season: 'none',
        rows: countRows({ shape, rows: sample }),
        frozen,
      });
      let state = FIRST_WINDOW;
      const rows = new Float64Array(1_000);
      for (let window = 0; window < 300; window += 1) {
        draw(rows);
        const pane = countRows({ shape, rows });
        const limits: Limits = { ...LIMITS, startUp: 'independent-rows' };
        const step = judgeWindow({ state, startMs: window * HOUR, pane, reference, limits });
        state = { ...step.state, alarmed: false };
        if (step.judgement.verdict === 'drift' && step.judgement.channel === 'windows') count += 1;
      }
    }
    return count;
  };
  assert.equal(pages(true), 0);
  // A reference that does not move along and is not taken as off by its sampling error: the planted bug.
  assert.ok(pages(false) > 30);
});

test('half a standard deviation is found in one window and a quarter within two, at the start and after 28 days', () => {
  for (const learned of [0, 672]) {
    const limits: Limits = learned === 0 ? { ...LIMITS, startUp: 'independent-rows' } : LIMITS;
    for (const seed of [1, 2, 3]) {
      const found = measurePower({ seed, memory: 0, reference: 10_000, learned, until: 12, limits });
      const of = (name: string) => found.find(({ change }) => change === name)?.found ?? 0;
      assert.equal(of('mean 0.5 sd'), 1);
      assert.ok(of('mean 0.25 sd') >= 1 && of('mean 0.25 sd') <= 2);
      assert.equal(of('no change'), 0);
    }
  }
});
