import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standardNormal } from '../../../src/core/evaluation/joint-rows.ts';
import {
  FIRST_SERIES,
  judgePerformance,
  type PastLosses,
} from '../../../src/core/evidence/judge-performance.ts';
import { type Random, seededRandom } from '../../../src/core/random.ts';

const ROWS = 400;
const TRAILING = 28;
const LIMITS = { minimumRows: 200, minimumWindows: 14, evidenceAt: 600, floor: 0.05, closeAfter: 7 };

/** Windows of labels whose mean excess loss wanders as an AR(1) of the given spread; from `changeAt` on it is higher. */
function run(args: {
  random: Random;
  windows: number;
  spread: number;
  ar: number;
  step?: number;
  changeAt?: number;
  limits?: Partial<typeof LIMITS>;
}) {
  const { random, spread, ar } = args;
  let [state, level] = [FIRST_SERIES, 0];
  let past: PastLosses[] = [];
  const found: { at: number; channel: string }[] = [];
  for (let at = 0; at < args.windows; at += 1) {
    level = ar * level + Math.sqrt(1 - ar * ar) * spread * standardNormal(random);
    const mean = level + (at >= (args.changeAt ?? args.windows) ? (args.step ?? 0) : 0);
    const judged = judgePerformance({
      state,
      startMs: at,
      window: { sum: mean * ROWS, squares: ROWS * (mean * mean + 0.3), n: ROWS },
      expected: { mean: 0, windows: 60 },
      past,
      limits: { ...LIMITS, ...args.limits },
    });
    state = judged.state;
    const { judgement } = judged;
    if (judgement.verdict === 'drift') found.push({ at, channel: judgement.channel });
    past = [...past, { startMs: at, mean, rows: ROWS }].slice(-2 * TRAILING);
  }
  return found;
}

/** Quiet windows of 20 systems for a year each, a day a window, without an effect floor. */
function pagesOf(evidenceAt: number, ar: number): { pages: number; windows: number } {
  let pages = 0;
  for (let seed = 0; seed < 20; seed += 1) {
    const quiet = run({
      random: seededRandom(900 + seed),
      windows: 365,
      spread: 0.04,
      ar,
      limits: { evidenceAt, floor: 0 },
    });
    pages += quiet.filter(({ channel }) => channel === 'windows').length;
  }
  return { pages, windows: 20 * 365 };
}

test('without a change there are no more pages than the ledger counts, even without an effect floor', () => {
  for (const ar of [0, 0.3, 0.6]) {
    const { pages, windows } = pagesOf(LIMITS.evidenceAt, ar);
    // 12 counted; 20 or more in fewer than 2 of 100 if that is what is spent.
    assert.ok(pages < 20, `${pages} pages at ${ar}, ${windows / LIMITS.evidenceAt} counted`);
  }
});

test('the check of pages fails where evidence counts far too early', () => {
  const { pages, windows } = pagesOf(3, 0.3);
  assert.ok(pages > 20, `${pages} pages of ${windows}`);
});

test('a loss that stays higher is found over windows and lasts until it is back', () => {
  const found = run({
    random: seededRandom(3),
    windows: 90,
    spread: 0.02,
    ar: 0.3,
    step: 0.15,
    changeAt: 60,
  });
  assert.equal(found[0]?.channel, 'windows');
  assert.ok((found[0]?.at ?? 0) >= 60 && (found[0]?.at ?? 90) < 67, JSON.stringify(found[0]));
  assert.equal(found.at(-1)?.at, 89);
  assert.equal(found.length, 90 - (found[0]?.at ?? 0));
});
