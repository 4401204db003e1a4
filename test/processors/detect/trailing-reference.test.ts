import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PaneWindow } from '../../../processors/detect/references.ts';
import { keepTrailing, trailingReference } from '../../../processors/detect/trailing-reference.ts';
import { prepareReference } from '../../../src/core/evidence/reference.ts';
import { seededRandom } from '../../../src/core/random.ts';

const HOUR = 3_600_000;
const random = seededRandom(4);

function windowAt(at: number): PaneWindow {
  const counts = Array.from({ length: 6 }, () => 20 + Math.floor(30 * random()));
  const n = counts.reduce((sum, count) => sum + count, 0);
  const pane = {
    n,
    codes: [0, 1, 2, 3, 4, 5],
    counts,
    finite: n,
    total: n,
    squares: n,
    minimum: 0,
    maximum: 5,
  };
  return { startMs: at * HOUR, pane };
}

const referenceOf = (windows: readonly PaneWindow[], keep: number) =>
  trailingReference({ windows, kind: 'numeric', season: 'day', keep, untilMs: 1_000 * HOUR });

test('a long history learned window by window is the history learned at once', () => {
  const keep = 104;
  let windows: readonly PaneWindow[] = [];
  for (let at = 0; at < 300; at += 1) {
    const grown = referenceOf(windows, keep);
    if (at % 37 === 0 || at === 129 || at === 130) {
      // Other objects, so that nothing is known of them.
      const learned = referenceOf(
        windows.map((window) => ({ ...window })),
        keep,
      );
      const { plan: one, ...left } = grown;
      const { plan: other, ...right } = learned;
      assert.deepEqual(left, right);
      assert.deepEqual(one.scoresOf(3), other.scoresOf(3));
    }
    windows = keepTrailing([...windows, windowAt(at)], keep);
    assert.ok(windows.length <= Math.min(at + 1, 130) && windows.length >= Math.min(at + 1, keep));
  }
});

test('a window in the middle that was counted again is learned again', () => {
  const windows = Array.from({ length: 120 }, (_, at) => windowAt(at));
  referenceOf(windows.slice(0, -1), 112);
  const changed = windows.map((window, at) => (at === 60 ? windowAt(60) : window));
  const reference = referenceOf(changed, 112);
  assert.equal(
    reference.merged.counts[0],
    changed.reduce((sum, { pane }) => sum + (pane.counts[0] ?? 0), 0),
  );
});

test('up to a hundred windows are kept exactly and ranked by themselves', () => {
  let windows: readonly PaneWindow[] = [];
  for (let at = 0; at < 40; at += 1) windows = keepTrailing([...windows, windowAt(at)], 28);
  assert.equal(windows.length, 28);
  assert.equal(windows[0]?.startMs, 12 * HOUR);
  const expected = prepareReference({ id: 'x', kind: 'numeric', season: 'day', frozen: false, windows });
  assert.deepEqual(referenceOf(windows, 28).baseline, expected.baseline);
});
