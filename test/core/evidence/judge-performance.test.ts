import assert from 'node:assert/strict';
import { test } from 'node:test';
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
    step: 0.15,
    changeAt: 60,
  });
  const [first = 90] = drift;
  assert.equal(pages[0], first);
  assert.ok(first >= 60 && first < 67, String(first));
  assert.deepEqual(
    drift,
    Array.from({ length: 90 - first }, (_, at) => first + at),
  );
});
