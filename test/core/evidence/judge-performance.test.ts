import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  FIRST_SERIES,
  judgePerformance,
  type PastLosses,
  type SeriesState,
  withNewVersion,
} from '../../../src/core/evidence/judge-performance.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { runLosses } from '../../../src/core/simulation/loss-series.ts';

const EVIDENCE_AT = 600;

/** Quiet windows of 20 systems for a year each, a day a window, without an effect floor. */
function pagesOf(evidenceAt: number, dependence: number): { pages: number; windows: number } {
  let [pages, windows] = [0, 0];
  for (let seed = 0; seed < 20; seed += 1) {
    const random = seededRandom(900 + seed);
    const run = runLosses({ random, windows: 365, spread: 0.04, dependence, evidenceAt, floor: 0 });
    pages += run.pages.length;
    windows += run.windows;
  }
  return { pages, windows };
}

test('without a change there are no more pages than the ledger counts, even without an effect floor', () => {
  for (const dependence of [0, 0.3, 0.6, 0.9, 0.95]) {
    const { pages, windows } = pagesOf(EVIDENCE_AT, dependence);
    // 12 counted; 20 or more in fewer than 2 of 100 if that is what is spent.
    assert.ok(pages < 20, `${pages} pages at ${dependence}, ${windows / EVIDENCE_AT} counted`);
  }
});

test('the check of pages fails where evidence counts far too early', () => {
  const { pages, windows } = pagesOf(3, 0.3);
  assert.ok(pages > 20, `${pages} pages of ${windows}`);
});

test('a loss that stays higher is found over windows and lasts until it is back', () => {
  const { pages, drift } = runLosses({
    random: seededRandom(3),
    windows: 90,
    spread: 0.02,
    dependence: 0.3,
    evidenceAt: EVIDENCE_AT,
    floor: 0.05,
    levels: [{ from: 60, by: 0.15 }],
  });
  const [first = 90] = drift;
  assert.equal(pages[0], first);
  assert.ok(first >= 60 && first < 67, String(first));
  assert.deepEqual(
    drift,
    Array.from({ length: 90 - first }, (_, at) => first + at),
  );
});

test('a step soon after a drift that is over is found as soon as the first was', () => {
  for (const dependence of [0, 0.6]) {
    const delays = [];
    for (let seed = 0; seed < 20; seed += 1) {
      const levels = [
        { from: 60, by: 0.2 },
        { from: 80, by: 0 },
        { from: 100, by: 0.2 },
      ];
      const random = seededRandom(300 + seed);
      const run = { random, windows: 120, spread: 0.04, dependence, evidenceAt: EVIDENCE_AT, floor: 0.05 };
      const { drift } = runLosses({ ...run, levels });
      if (!drift.some((at) => at >= 60 && at < 80) || drift.includes(99)) continue;
      delays.push((drift.find((at) => at >= 100) ?? Number.POSITIVE_INFINITY) - 99);
    }
    const soon = delays.filter((delay) => delay <= 7).length;
    // Of a first step .9 and more; where its windows are learned from, hardly any.
    assert.ok(delays.length >= 15 && soon >= 0.8 * delays.length, `${soon} of ${delays.length}`);
  }
});

/** Windows of 400 rows at the levels given, which alternate about them, a millisecond apart. */
function judgeLevels(levels: readonly number[], from: SeriesState = FIRST_SERIES) {
  let [state, past]: [SeriesState, readonly PastLosses[]] = [from, []];
  return levels.map((level, startMs) => {
    const mean = level + (startMs % 2 === 0 ? 0.01 : -0.01);
    const judged = judgePerformance({
      state,
      startMs,
      window: { sum: 400 * mean, squares: 400 * (mean * mean + 0.01), n: 400 },
      expected: { mean: 0, windows: 60 },
      past,
      limits: { minimumRows: 200, minimumWindows: 14, evidenceAt: EVIDENCE_AT, closeAfter: 7, floor: 0.05 },
    });
    state = judged.state;
    past = [...past, { startMs, mean, rows: 400, rowVariance: 0.01 }].slice(-112);
    return judged;
  });
}

function windows(n: number, level: number): number[] {
  return Array.from({ length: n }, () => level);
}

test('a drift is remembered from its onset to the first window without it, as long as its windows are kept', () => {
  const judged = judgeLevels([...windows(40, 0), ...windows(20, 0.2), ...windows(130, 0)]);
  const drift = judged.flatMap(({ judgement }, at) => (judgement.verdict === 'drift' ? [at] : []));
  const [first = 0, last = 0] = [drift[0], drift.at(-1)];
  assert.deepEqual(judged[first]?.state.drifts, [{ fromMs: 40 }]);
  assert.deepEqual(judged[last + 1]?.state.drifts, [{ fromMs: 40, untilMs: last + 1 }]);
  assert.deepEqual(judged.at(-1)?.state.drifts, []);
  assert.deepEqual(withNewVersion(judged[first]?.state ?? FIRST_SERIES, 50), {
    ...FIRST_SERIES,
    drifts: [{ fromMs: 40, untilMs: 50 }],
  });
});

test('a drift that lasts longer than windows are kept leaves enough of them, and what comes after it is found', () => {
  const judged = judgeLevels([
    ...windows(40, 0),
    ...windows(160, 0.2),
    ...windows(30, 0),
    ...windows(10, 0.2),
  ]);
  const said = judged.map(({ judgement }) => judgement.verdict);
  assert.deepEqual([...new Set(said.slice(14))], ['ok', 'drift']);
  assert.deepEqual(new Set(said.slice(60, 200)), new Set(['drift']));
  assert.deepEqual(new Set(said.slice(207, 230)), new Set(['ok']));
  assert.equal(said.at(-1), 'drift');
});
