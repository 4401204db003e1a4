import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Detector, runDetector } from '../../../src/core/detector.ts';
import { FOCUS_DEFAULTS, focus } from '../../../src/core/detectors/focus.ts';
import { FOCUS_WITH_BETS_DEFAULTS, focusWithBetsAt } from '../../../src/core/detectors/focus-with-bets.ts';
import { pageHinkleyScaled } from '../../../src/core/detectors/page-hinkley.ts';
import { shiryaevRoberts } from '../../../src/core/detectors/shiryaev-roberts.ts';
import { bernoulliBits } from '../../../src/core/evaluation/streams.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { calibrateThreshold } from '../../../src/core/thresholds/calibration.ts';
import { CALIBRATED, type Calibrated } from '../../../src/core/thresholds/maximum-evidence.ts';
import { RUN_LENGTHS } from '../../../src/core/thresholds/run-lengths.ts';
import { thresholdFor } from '../../../src/core/thresholds/threshold-for.ts';

const MAKE: Readonly<Record<Calibrated, (threshold: number) => Detector>> = {
  'focus-with-bets': focusWithBetsAt,
  focus: (threshold) => focus({ threshold }),
  'shiryaev-roberts': (threshold) => shiryaevRoberts({ threshold }),
  'page-hinkley-scaled': (threshold) => pageHinkleyScaled({ threshold }),
};

for (const name of ['focus-with-bets', 'focus', 'shiryaev-roberts', 'page-hinkley-scaled'] as const) {
  test(`${name} alarms just below the largest evidence of a stream and not just above it`, () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0.05, max: 0.95, noNaN: true }), (seed, rate) => {
        const bits = bernoulliBits([{ rate, elements: 2_000 }], seededRandom(seed));
        const most = CALIBRATED[name](bits);
        if (most > 5) assert.ok(runDetector(MAKE[name](most - 1e-6), bits).alarms.length > 0);
        assert.equal(runDetector(MAKE[name](Math.max(5, most) + 1e-6), bits).alarms.length, 0);
      }),
      { numRuns: 30, seed: 4 },
    );
  });
}

test('the threshold is the quantile of the maxima that the rate leaves quiet', () => {
  // Largest of 100,000 elements with hazard exp(-a) each: P(max < a) = exp(-100,000 exp(-a)).
  const random = seededRandom(9);
  const maxima = Array.from({ length: 4_000 }, () => Math.log(100_000) - Math.log(-Math.log(random())));
  for (const per100k of [0.1, 1, 3]) {
    const found = calibrateThreshold({ maxima, length: 100_000, per100k });
    const truth = Math.log(100_000 / per100k);
    assert.ok(found.status === 'ok' && found.high !== null);
    assert.ok(found.low <= truth && truth <= found.high, `${per100k}: ${found.low} ${truth} ${found.high}`);
    assert.ok(Math.abs(found.value - truth) < 0.2);
  }
});

test('too few streams for a rate are insufficient and say how many it takes', () => {
  const found = calibrateThreshold({ maxima: new Array(100).fill(1), length: 100_000, per100k: 0.02 });
  assert.deepEqual(found, { status: 'insufficient', need: 506, have: 100 });
});

test('rarer false alarms need a higher threshold, at every error rate in the table', () => {
  for (const rows of Object.values(RUN_LENGTHS)) {
    for (const { thresholds } of rows) {
      for (const [i, cell] of thresholds.entries()) {
        const next = thresholds[i + 1];
        assert.ok(cell.low <= cell.value && cell.value <= cell.high);
        if (next !== undefined) assert.ok(next.per100k > cell.per100k && next.value < cell.value);
      }
    }
  }
});

test('the defaults lie in the table at no more than .1 false alarms in 100,000', () => {
  const alone = thresholdFor({ detector: 'focus', per100k: 0.1 });
  assert.ok(alone.status === 'ok' && alone.threshold <= FOCUS_DEFAULTS.threshold);
  const both = thresholdFor({ detector: 'focus-with-bets', per100k: 0.1 });
  assert.ok(both.status === 'ok' && both.threshold <= FOCUS_WITH_BETS_DEFAULTS.focusThreshold);
});

test('a rate between two columns lies between their thresholds, one outside the table is refused', () => {
  const at = (per100k: number): number => {
    const found = thresholdFor({ detector: 'focus', per100k });
    assert.ok(found.status === 'ok');
    return found.threshold;
  };
  assert.ok(at(0.1) > at(0.2) && at(0.2) > at(0.3));
  assert.deepEqual(thresholdFor({ detector: 'focus', per100k: 50 }), {
    status: 'outside-table',
    lowest: 0.02,
    highest: 3,
  });
});

test('a known error rate may need less than the worst one', () => {
  const worst = thresholdFor({ detector: 'focus', per100k: 0.1 });
  const low = thresholdFor({ detector: 'focus', per100k: 0.1, rate: 0.01 });
  assert.ok(worst.status === 'ok' && low.status === 'ok' && low.threshold < worst.threshold);
});
