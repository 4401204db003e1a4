import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Detector, type DetectorState, runDetector } from '../../../src/core/detector.ts';
import { detectorByName } from '../../../src/core/detectors/by-name.ts';
import { calibrate, eDetector } from '../../../src/core/detectors/e-detector.ts';
import { DETECTORS } from '../../../src/core/detectors/index.ts';
import { shiryaevRoberts } from '../../../src/core/detectors/shiryaev-roberts.ts';
import { seededRandom } from '../../../src/core/random.ts';

test('the e-detector sums as worked by hand: e-values 2, 3, 1 give 2, 9, 10', () => {
  const detector = eDetector({ evidence: 'e-value', runLength: 10 });
  let state = detector.start();
  const sums = [2, 3, 1].map((e) => {
    state = detector.update(state, e);
    return state.sum;
  });
  assert.deepEqual(sums, [2, 9, 10]);
  assert.equal(state.signal, 'drift');
  assert.equal(detector.update(state, 0.5).sum, 0.5);
});

test('evidence from a uniform p-value has mean 1', () => {
  const steps = 1_000_000;
  let sum = 0;
  for (let i = 0; i < steps; i += 1) sum += calibrate((i + 0.5) / steps);
  assert.ok(Math.abs(sum / steps - 1) < 0.001);
});

test('uniform p-values alarm no more often than once in the run length bought', () => {
  const random = seededRandom(2);
  const detector = eDetector({ runLength: 300 });
  const runs = Array.from({ length: 1_500 }, () => firstAlarm(detector, random));
  const mean = runs.reduce((sum, run) => sum + run, 0) / runs.length;
  const error = Math.sqrt(runs.reduce((sum, run) => sum + (run - mean) ** 2, 0)) / runs.length;
  assert.ok(mean + 3 * error >= 300, `${mean} +- ${error}`);
});

test('with a known rate the mean run length of Shiryaev-Roberts is at least e to the threshold', () => {
  const random = seededRandom(3);
  const detector = shiryaevRoberts({ threshold: Math.log(300), rate: 0.2 });
  const runs = Array.from({ length: 1_500 }, () => firstAlarm(detector, () => (random() < 0.2 ? 1 : 0)));
  const mean = runs.reduce((sum, run) => sum + run, 0) / runs.length;
  assert.ok(mean >= 285 && mean < 700, String(mean));
});

test('a known rate finds a change that comes at once, which a learned one takes for the beginning', () => {
  const random = seededRandom(4);
  const bits = Array.from({ length: 3_000 }, () => (random() < 0.3 ? 1 : 0));
  assert.ok(runDetector(shiryaevRoberts({ rate: 0.2 }), bits).alarms.length > 0);
  assert.deepEqual(runDetector(shiryaevRoberts(), bits).alarms, []);
});

test('p-values outside [0, 1] and e-values below 0 are refused', () => {
  const p = eDetector();
  const e = eDetector({ evidence: 'e-value' });
  assert.throws(() => p.update(p.start(), 1.01), { code: 'INVARIANT_BROKEN' });
  assert.throws(() => e.update(e.start(), -0.1), { code: 'INVARIANT_BROKEN' });
  assert.equal(e.update(e.start(), 3).sum, 3);
});

test('a p-value of 0 is overwhelming evidence and still a finite number', () => {
  const detector = eDetector();
  const state = detector.update(detector.start(), 0);
  assert.equal(state.signal, 'drift');
  assert.ok(Number.isFinite(state.sum));
});

test('names are unique and found in the spelling of this and of other libraries', () => {
  const names = DETECTORS.map((detector) => detector.name);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.equal(detectorByName(name).name, name);
  const spellings = [
    ['default', 'focus-with-bets'],
    ['HDDM_A_Test', 'hddm-a'],
    ['ADWINChangeDetector', 'adwin'],
    ['RDDM', 'rddm'],
    ['CusumDM', 'cusum'],
    ['EWMAChartDM', 'ewma-chart'],
    ['PageHinkley', 'page-hinkley'],
    ['SEED', 'seed'],
  ] as const;
  for (const [theirs, ours] of spellings) assert.equal(detectorByName(theirs).name, ours);
  assert.throws(() => detectorByName('nothing'), { code: 'CONFIG_INVALID' });
  assert.throws(() => detectorByName('focus@-1'), { code: 'CONFIG_INVALID' });
});

/** Elements up to and including the first alarm. */
function firstAlarm<State extends DetectorState>(detector: Detector<State>, draw: () => number): number {
  let state = detector.start();
  for (let n = 1; ; n += 1) {
    state = detector.update(state, draw());
    if (state.signal === 'drift') return n;
  }
}
