import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Detector, runDetector } from '../../../src/core/detector.ts';
import { type FocusState, focus, focusEvidence } from '../../../src/core/detectors/focus.ts';
import { type Corner, splitGain } from '../../../src/core/detectors/walk-hull.ts';
import { seededRandom } from '../../../src/core/random.ts';

const RUNS = { numRuns: 150, seed: 20_261_124 } as const;
const cases = fc.record({
  seed: fc.nat(),
  before: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  after: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  length: fc.integer({ min: 30, max: 160 }),
  penalty: fc.constantFrom(0, 0.5, 1),
  threshold: fc.double({ min: 3, max: 12, noNaN: true }),
});

test('alarms come exactly when the likelihood ratio over every split says so', () => {
  let alarms = 0;
  fc.assert(
    fc.property(cases, (given) => {
      const bits = twoRates(given);
      const ours = runDetector(focus(given), bits).alarms;
      assert.deepEqual(ours, everySplit(bits, given.threshold, given.penalty));
      alarms += ours.length;
    }),
    RUNS,
  );
  assert.ok(alarms > 100);
});

test('a hull that loses a corner is caught by the same comparison', () => {
  const broken = (options: { threshold: number; penalty: number }): Detector<FocusState> => {
    const right = focus(options);
    return {
      ...right,
      update(state, x) {
        const next = right.update(state, x);
        return next.n % 7 === 0 ? { ...next, lower: secondDropped(next.lower) } : next;
      },
    };
  };
  const disagreements = fc.sample(cases, RUNS).filter((given) => {
    const bits = twoRates(given);
    return (
      runDetector(broken(given), bits).alarms.join() !==
      everySplit(bits, given.threshold, given.penalty).join()
    );
  });
  assert.ok(disagreements.length > 0);
});

test('without penalty the evidence is the largest log-likelihood ratio of all splits', () => {
  fc.assert(
    fc.property(cases, (given) => {
      const bits = twoRates(given);
      const { state } = runDetector(focus({ threshold: 1e9 }), bits);
      const n = bits.length;
      const errors = bits.reduce((sum, x) => sum + x, 0);
      let best = 0;
      let s = 0;
      for (let t = 1; t < n; t += 1) {
        s += bits[t - 1] ?? 0;
        best = Math.max(best, splitGain(t, s, n, errors));
      }
      assert.ok(Math.abs(focusEvidence(state, 0) - best) < 1e-9);
    }),
    RUNS,
  );
});

test('the gain of one split worked by hand: 0 of 2 errors, then 2 of 2, gains 4 ln 2', () => {
  assert.ok(Math.abs(splitGain(2, 0, 4, 2) - 4 * Math.LN2) < 1e-12);
  assert.ok(Math.abs(splitGain(2, 1, 4, 2)) < 1e-12);
});

test('an alarm says when the change was and the rates on both sides', () => {
  const random = seededRandom(3);
  const bits = Array.from({ length: 3_000 }, (_, i) => (random() < (i < 2_000 ? 0.1 : 0.5) ? 1 : 0));
  const detector = focus();
  let state = detector.start();
  let at = 0;
  while (state.signal !== 'drift') {
    state = detector.update(state, bits[at] ?? 0);
    at += 1;
  }
  const change = detector.change?.(state);
  assert.ok(change !== undefined);
  assert.ok(Math.abs(at - change.elementsAgo - 2_000) < 25);
  assert.ok(Math.abs(change.before.mean - 0.1) < 0.02);
  assert.ok(change.after.mean > 0.3);
  assert.equal(change.before.n + change.after.n, at);
  assert.ok((state.evidence ?? 0) >= 18.9);
});

test('a hundred thousand elements leave some tens of corners behind', () => {
  const random = seededRandom(5);
  for (const rate of [0.01, 0.2, 0.5]) {
    const bits = Array.from({ length: 100_000 }, () => (random() < rate ? 1 : 0));
    const { state } = runDetector(focus({ threshold: 1e9 }), bits);
    assert.ok(length(state.lower) + length(state.upper) < 60);
  }
});

function twoRates(given: { seed: number; before: number; after: number; length: number }): number[] {
  const random = seededRandom(given.seed);
  return Array.from({ length: 2 * given.length }, (_, i) =>
    random() < (i < given.length ? given.before : given.after) ? 1 : 0,
  );
}

/** The definition: all splits of everything since the last alarm, rises at errors, falls at right answers. */
function everySplit(bits: readonly number[], threshold: number, penalty: number): number[] {
  const alarms: number[] = [];
  let start = 0;
  for (let end = 1; end <= bits.length; end += 1) {
    const read = bits.slice(start, end);
    const n = read.length;
    const errors = read.reduce((sum, x) => sum + x, 0);
    if (n < 30 || errors === 0 || errors === n) continue;
    let s = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let t = 1; t < n; t += 1) {
      s += read[t - 1] ?? 0;
      const rise = s * n < t * errors;
      const fall = s * n > t * errors;
      if (read[n - 1] === 1 ? !rise : !fall) continue;
      most = Math.max(most, splitGain(t, s, n, errors) + penalty * Math.log((t * (n - t)) / n));
    }
    if (most < threshold) continue;
    alarms.push(end - 1);
    start = end;
  }
  return alarms;
}

function secondDropped(hull: Corner | null): Corner | null {
  return hull === null || hull.next === null ? hull : { ...hull, next: hull.next.next };
}

function length(hull: Corner | null): number {
  let count = 0;
  for (let corner = hull; corner !== null; corner = corner.next) count += 1;
  return count;
}
