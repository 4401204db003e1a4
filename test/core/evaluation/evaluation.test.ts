import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { detectionDelays, medianDelay } from '../../../src/core/evaluation/detection-delay.ts';
import { episodeRecall } from '../../../src/core/evaluation/episode-recall.ts';
import { falseAlarmRate, poissonInterval } from '../../../src/core/evaluation/false-alarm-rate.ts';
import { match } from '../../../src/core/evaluation/match.ts';
import { meanTimeBetweenFalseAlarms } from '../../../src/core/evaluation/mean-time-between-false-alarms.ts';
import { binomialInterval, missedDetectionRate } from '../../../src/core/evaluation/missed-detection-rate.ts';
import { precision } from '../../../src/core/evaluation/precision.ts';
import { prefixLedger } from '../../../src/core/evaluation/prefix-ledger.ts';
import { reportCard, type StreamResult } from '../../../src/core/evaluation/report-card.ts';
import { bernoulliBits, freshStreams } from '../../../src/core/evaluation/streams.ts';
import { seededRandom } from '../../../src/core/random.ts';

const close = (actual: number | null, expected: number): void => {
  assert.ok(
    actual !== null && Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${actual}`,
  );
};

test('alarms before the first drift are false, the first one after a drift finds it, the rest repeat', () => {
  const found = match({ alarms: [5, 100, 130, 260], drifts: [100, 200], length: 300 });
  assert.deepEqual(found.episodes, [
    { drift: 100, end: 200, alarm: 100 },
    { drift: 200, end: 300, alarm: 260 },
  ]);
  assert.deepEqual(found.falseAlarms, [5]);
  assert.deepEqual(found.repeats, [130]);
  assert.equal(found.quietElements, 100);
});

test('an alarm after the horizon is false and the drift stays missed', () => {
  const late = match({ alarms: [180], drifts: [100], length: 300, horizon: 50 });
  assert.equal(late.episodes[0]?.alarm, null);
  assert.deepEqual(late.falseAlarms, [180]);
  assert.equal(late.quietElements, 250);
});

test('a false alarm just before a drift does not excuse the delay after it', () => {
  const reset = match({ alarms: [99], drifts: [100], length: 200 });
  assert.equal(reset.episodes[0]?.alarm, null);
  assert.deepEqual(reset.falseAlarms, [99]);
});

test('every alarm is either a detection, a repeat or false, whatever the streams', () => {
  const ascending = fc.uniqueArray(fc.nat(999)).map((xs) => xs.sort((a, b) => a - b));
  fc.assert(
    fc.property(ascending, ascending, fc.integer({ min: 1, max: 1_000 }), (alarms, drifts, horizon) => {
      const m = match({ alarms, drifts, length: 1_000, horizon });
      const found = m.episodes.filter((e) => e.alarm !== null).length;
      assert.equal(found + m.repeats.length + m.falseAlarms.length, alarms.length);
      assert.ok(m.quietElements >= 0 && m.quietElements <= 1_000);
    }),
    { seed: 1 },
  );
});

test('what is undefined is insufficient and says what it needs', () => {
  const nothing = match({ alarms: [], drifts: [], length: 10 });
  assert.deepEqual(precision([nothing]), { status: 'insufficient', need: 1, have: 0 });
  assert.deepEqual(episodeRecall([nothing]), { status: 'insufficient', need: 1, have: 0 });
  assert.deepEqual(missedDetectionRate([nothing]), { status: 'insufficient', need: 1, have: 0 });
  assert.deepEqual(medianDelay([]), { status: 'insufficient', need: 1, have: 0 });
  assert.deepEqual(falseAlarmRate(0, 0), { status: 'insufficient', need: 1, have: 0 });
  assert.deepEqual(meanTimeBetweenFalseAlarms(0, 500), { status: 'insufficient', need: 1, have: 0 });
});

test('precision and recall worked by hand', () => {
  const matches = [
    match({ alarms: [5, 120], drifts: [100], length: 200 }),
    match({ alarms: [], drifts: [100], length: 200 }),
  ];
  assert.deepEqual(precision(matches), { status: 'ok', value: 0.5, n: 2 });
  assert.deepEqual(episodeRecall(matches), { status: 'ok', value: 0.5, n: 2 });
  assert.deepEqual(detectionDelays(matches), [20]);
});

test('Poisson intervals are those of SciPy (chi2.ppf)', () => {
  close(poissonInterval(0).low, 0);
  close(poissonInterval(0).high, 3.6888794541139354);
  close(poissonInterval(3).low, 0.6186721228956014);
  close(poissonInterval(3).high, 8.767273069742323);
  close(poissonInterval(250).low, 219.9679956309373);
  close(poissonInterval(250).high, 282.98770504231607);
});

test('binomial intervals are those of SciPy (beta.ppf)', () => {
  close(binomialInterval(0, 15).low, 0);
  close(binomialInterval(0, 15).high, 0.218019360910534);
  close(binomialInterval(4, 30).low, 0.037553496338363315);
  close(binomialInterval(4, 30).high, 0.30721835027612676);
  close(binomialInterval(15, 15).high, 1);
});

test('the mean time between false alarms is the rate turned over', () => {
  const rate = falseAlarmRate(4, 2_000_000);
  const time = meanTimeBetweenFalseAlarms(4, 2_000_000);
  assert.ok(rate.status === 'ok' && time.status === 'ok');
  close(rate.value, 0.2);
  close(time.value, 500_000);
  close(time.low, 100_000 / (rate.high ?? 1));
});

test('the interval of a median takes the ranks of the sign test: 4th and 12th of fifteen', () => {
  const median = medianDelay(Array.from({ length: 15 }, (_, i) => i + 1));
  assert.deepEqual(median, { status: 'ok', value: 8, low: 4, high: 12, n: 15 });
  assert.deepEqual(medianDelay([1, 2, 3], 12), { status: 'insufficient', need: 8, have: 3 });
  const late = medianDelay(
    Array.from({ length: 10 }, (_, i) => i + 1),
    5,
  );
  assert.deepEqual(late, { status: 'ok', value: 8, low: 4, high: null, n: 15 });
  assert.deepEqual(medianDelay([3, 1]), { status: 'ok', value: 2, low: 1, high: 3, n: 2 });
});

test('the interval of a median covers it in about 95 of 100 samples', () => {
  const random = seededRandom(11);
  let covered = 0;
  for (let run = 0; run < 2_000; run += 1) {
    const median = medianDelay(Array.from({ length: 25 }, random));
    assert.ok(median.status === 'ok');
    if (median.low <= 0.5 && (median.high ?? 1) >= 0.5) covered += 1;
  }
  assert.ok(covered / 2_000 > 0.94);
});

test('elements that streams share are counted once, also when one of them is longer', () => {
  const shared = bernoulliBits([{ rate: 0.2, elements: 5_000 }], seededRandom(1));
  const longer = bernoulliBits(
    [
      { rate: 0.2, elements: 5_000 },
      { rate: 0.3, elements: 2_500 },
    ],
    seededRandom(1),
  );
  const other = bernoulliBits([{ rate: 0.2, elements: 5_000 }], seededRandom(2));
  const ledger = prefixLedger();
  assert.deepEqual(ledger.claim(shared, 5_000), { from: 0, to: 5_000 });
  assert.deepEqual(ledger.claim(shared, 5_000), { from: 5_000, to: 5_000 });
  assert.deepEqual(ledger.claim(longer, 7_500), { from: 5_000, to: 7_500 });
  assert.deepEqual(ledger.claim(other, 5_000), { from: 0, to: 5_000 });
  assert.deepEqual(ledger.claim(shared, 5_000), { from: 5_000, to: 5_000 });
});

test('the report card pools what is counted and scores the awkward seed with its delay', () => {
  const result = (alarms: number[], driftAt: number | null, from: number, to: number): StreamResult => ({
    stream: driftAt === null ? 'quiet' : 'step',
    detector: 'd',
    driftAt,
    length: 20_000,
    alarms,
    counted: { from, to },
  });
  const [card] = reportCard([
    result([9_000, 10_050], 10_000, 0, 10_000),
    result([10_030], 10_000, 10_000, 10_000),
    result([], 10_000, 0, 10_000),
    result([500], null, 0, 20_000),
  ]);
  assert.equal(card?.falseAlarms.count, 2);
  assert.ok(card.falseAlarms.rate.status === 'ok');
  assert.equal(card.falseAlarms.rate.n, 40_000);
  const step = card.streams[0];
  assert.equal(step?.runs, 3);
  assert.equal(step.drift?.resetShortlyBefore, 1);
  assert.ok(step.drift.medianDelay.status === 'ok' && step.drift.missed.status === 'ok');
  assert.equal(step.drift.medianDelay.value, 40);
  close(step.drift.missed.value, 1 / 3);
  assert.equal(card.streams[1]?.drift, null);
});

test('fresh streams are the same for the same seed and others for another', () => {
  const first = [...freshStreams({ runs: 1, seed: 7 })];
  assert.deepEqual(first, [...freshStreams({ runs: 1, seed: 7 })]);
  assert.notDeepEqual(first[0]?.bits, [...freshStreams({ runs: 1, seed: 8 })][0]?.bits);
  for (const { driftAt, bits } of first) assert.ok(driftAt === null || driftAt < bits.length);
});
