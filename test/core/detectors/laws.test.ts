import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Detector, type DetectorState, runDetector } from '../../../src/core/detector.ts';
import { adwin } from '../../../src/core/detectors/adwin.ts';
import { cusum } from '../../../src/core/detectors/cusum.ts';
import { focus } from '../../../src/core/detectors/focus.ts';
import { focusWithBets } from '../../../src/core/detectors/focus-with-bets.ts';
import { hddmA } from '../../../src/core/detectors/hddm-a.ts';
import { hddmW } from '../../../src/core/detectors/hddm-w.ts';
import { DETECTORS } from '../../../src/core/detectors/index.ts';
import { pageHinkley, pageHinkleyScaled } from '../../../src/core/detectors/page-hinkley.ts';
import { shiryaevRoberts } from '../../../src/core/detectors/shiryaev-roberts.ts';
import { stepd } from '../../../src/core/detectors/stepd.ts';
import { seededRandom } from '../../../src/core/random.ts';

const ALL: readonly Detector[] = DETECTORS;
const RUNS = { numRuns: 25, seed: 20_261_124 } as const;

/** Two to four stretches of error bits with rates of their own, long enough for alarms and restarts. */
const bitStreams = fc
  .record({
    seed: fc.nat(),
    rates: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 4 }),
    length: fc.integer({ min: 1, max: 900 }),
  })
  .map(({ seed, rates, length }) => {
    const random = seededRandom(seed);
    return rates.flatMap((rate) => Array.from({ length }, () => (random() < rate ? 1 : 0)));
  });

const realStreams = fc
  .record({
    seed: fc.nat(),
    scale: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
    jump: fc.double({ min: -5, max: 5, noNaN: true }),
  })
  .map(({ seed, scale, jump }) => {
    const random = seededRandom(seed);
    return Array.from(
      { length: 1_200 },
      (_, i) => scale * (random() + random() + random() + (i > 600 ? jump : 0)),
    );
  });

for (const detector of ALL) {
  const streams = detector.reads === 'real' ? fc.oneof(bitStreams, realStreams) : bitStreams;

  test(`${detector.name}: stored as JSON in mid-stream and read back, it goes on as if nothing had happened`, () => {
    fc.assert(
      fc.property(streams, fc.double({ min: 0, max: 1, noNaN: true }), (raw, share) => {
        const stream = fit(detector, raw);
        const cut = Math.floor(share * stream.length);
        const whole = signals(detector, detector.start(), stream);
        const first = signals(detector, detector.start(), stream.slice(0, cut));
        const restored = JSON.parse(JSON.stringify(first.state));
        const second = signals(detector, restored, stream.slice(cut));
        assert.deepEqual([...first.signals, ...second.signals], whole.signals);
        assert.equal(JSON.stringify(second.state), JSON.stringify(whole.state));
      }),
      RUNS,
    );
  });

  test(`${detector.name}: update leaves the state it was given as it was`, () => {
    fc.assert(
      fc.property(streams, (raw) => {
        let state = detector.start();
        for (const x of fit(detector, raw).slice(0, 300)) {
          const before = JSON.stringify(state);
          const next = detector.update(state, x);
          assert.equal(JSON.stringify(state), before);
          state = next;
        }
      }),
      { ...RUNS, numRuns: 5 },
    );
  });

  test(`${detector.name}: its state never holds a number that is not finite`, () => {
    fc.assert(
      fc.property(streams, (raw) => {
        let state = detector.start();
        for (const x of fit(detector, raw)) state = detector.update(state, x);
        assertFinite(state);
      }),
      RUNS,
    );
  });

  test(`${detector.name}: a stream that never changes never alarms`, () => {
    for (const value of detector.reads === 'evidence' ? [1] : [0, 1]) {
      assert.deepEqual(runDetector(detector, new Array(20_000).fill(value)).alarms, []);
    }
    if (detector.reads !== 'real') return;
    for (const value of [-3.7, 0.1, 12_345.678]) {
      assert.deepEqual(runDetector(detector, new Array(5_000).fill(value)).alarms, [], String(value));
    }
  });

  test(`${detector.name}: what it cannot read is refused at once`, () => {
    const bad = detector.reads === 'bit' ? [Number.NaN, 0.5, 2, -1] : [Number.NaN, Number.POSITIVE_INFINITY];
    for (const x of bad) {
      assert.throws(() => detector.update(detector.start(), x), { code: 'INVARIANT_BROKEN' });
    }
  });
}

const SYMMETRIC: readonly Detector[] = [
  focus(),
  focus({ threshold: 6 }),
  focusWithBets(),
  focusWithBets({ focusThreshold: 7, betsThreshold: 6 }),
  adwin(),
  adwin({ delta: 0.3 }),
  pageHinkley({ threshold: 8 }),
  pageHinkleyScaled({ threshold: 10 }),
  cusum({ sides: 'both', threshold: 8 }),
  hddmA({ sides: 'both' }),
  hddmW({ sides: 'both' }),
  shiryaevRoberts({ threshold: 5 }),
  stepd(),
];

for (const detector of SYMMETRIC) {
  test(`${detector.name}: errors and right answers exchanged give the same alarms`, () => {
    let alarmed = 0;
    fc.assert(
      fc.property(bitStreams, (bits) => {
        const mirrored = bits.map((x) => 1 - x);
        const alarms = runDetector(detector, bits).alarms;
        assert.deepEqual(runDetector(detector, mirrored).alarms, alarms);
        alarmed += alarms.length;
      }),
      RUNS,
    );
    assert.ok(alarmed > 0);
  });
}

test('page-hinkley-scaled gives the same alarms for x and for a x + b', () => {
  fc.assert(
    fc.property(
      realStreams,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: -9, max: 9 }),
      (xs, power, shift) => {
        const detector = pageHinkleyScaled({ threshold: 20 });
        const moved = xs.map((x) => x * 2 ** power + shift);
        assert.deepEqual(runDetector(detector, moved).alarms, runDetector(detector, xs).alarms);
      },
    ),
    RUNS,
  );
});

/** Bits serve the e-detector as p-values that are sometimes small. */
function fit(detector: Detector, stream: readonly number[]): number[] {
  return detector.reads === 'evidence' ? stream.map((x) => (x === 0 ? 0.9 : 1e-4)) : [...stream];
}

function signals(detector: Detector, from: DetectorState, stream: readonly number[]) {
  const out: string[] = [];
  let state = from;
  for (const x of stream) {
    state = detector.update(state, x);
    out.push(state.signal);
  }
  return { signals: out, state };
}

function assertFinite(value: unknown): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value));
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(assertFinite);
}
