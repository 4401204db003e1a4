import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { standardNormal } from '../../../src/core/evaluation/joint-rows.ts';
import {
  always,
  composite,
  costAware,
  driftOnly,
  lossAlarm,
  never,
  performance,
  type RetrainRule,
  type RetrainView,
  schedule,
  type WindowExcess,
} from '../../../src/core/incidents/retrain-rules.ts';
import { seededRandom } from '../../../src/core/random.ts';

const VIEW: RetrainView = {
  sinceRetrain: 30,
  last: 'first',
  released: true,
  excess: [],
  drift: [],
  enough: 7,
  cost: 20,
};

function asks(rule: RetrainRule, view: Partial<RetrainView>): boolean {
  return rule({ ...VIEW, ...view }).retrain;
}

function windows(count: number, nats: number) {
  return Array.from({ length: count }, () => ({ nats, sd: 2, rows: 100 }));
}

test('never, always and by the calendar do what they say', () => {
  assert.equal(asks(never, { excess: windows(50, 100) }), false);
  assert.equal(asks(always, {}), true);
  assert.equal(asks(schedule(7), { sinceRetrain: 6 }), false);
  assert.equal(asks(schedule(7), { sinceRetrain: 7 }), true);
});

test('drift alone asks whether the model copes or not', () => {
  assert.equal(asks(driftOnly(7), { drift: [false, true] }), true);
  assert.equal(asks(driftOnly(7), { drift: [true, false] }), false);
  assert.equal(asks(driftOnly(7), { drift: [true], sinceRetrain: 3 }), false);
});

test('performance asks when the loss has risen for good, and says since when', () => {
  const rule = performance({ threshold: 5, coolDown: 3 });
  assert.equal(asks(rule, { excess: windows(30, 0) }), false);
  const answer = rule({ ...VIEW, excess: [...windows(30, 0), ...windows(6, 4)] });
  assert.ok(answer.retrain && answer.onset === 6 && answer.cause === 'change');
  assert.equal(asks(rule, { excess: windows(6, 4), sinceRetrain: 2 }), false);
});

test('cost-aware waits until enough is lost, until the new world has lasted, and until the cool-down is over', () => {
  const rule = costAware({ threshold: 5, wait: 4, coolDown: 7, times: 2, followUp: 14, floor: 0.02 });
  assert.equal(asks(rule, { excess: windows(5, 7.9) }), false, '39.5 of 40 nats');
  assert.equal(asks(rule, { excess: windows(5, 8.1) }), true);
  assert.equal(asks(rule, { excess: windows(5, 8.1), cost: 100 }), false);
  assert.equal(asks(rule, { excess: windows(3, 50) }), false, 'too short to train on');
  assert.equal(asks(rule, { excess: windows(5, 8.1), sinceRetrain: 6 }), false);
  assert.equal(
    asks(rule, { excess: windows(60, 1.9) }),
    false,
    'a model may be off by less than one deviation',
  );
  const answer = rule({ ...VIEW, excess: [...windows(30, 0), ...windows(6, 9)] });
  assert.ok(answer.retrain && answer.onset === 6);
});

test('of a million rows the mean excess has to reach the floor too', () => {
  const rule = costAware({ threshold: 5, wait: 4, coolDown: 7, times: 2, followUp: 14, floor: 0.02 });
  const days = (perRow: number) =>
    Array.from({ length: 10 }, () => ({ nats: perRow * 1e6, sd: 500, rows: 1e6 }));
  assert.equal(asks(rule, { excess: days(0.019) }), false, '38 standard deviations a day');
  assert.equal(asks(rule, { excess: days(0.021) }), true);
});

test('cost-aware follows a change up once, when the new world has rows enough of its own', () => {
  const rule = costAware({ threshold: 5, wait: 4, coolDown: 7, times: 2, followUp: 14, floor: 0.02 });
  const moments = (view: Partial<RetrainView>): number[] =>
    Array.from({ length: 60 }, (_, at) => at).filter((at) => asks(rule, { sinceRetrain: at, ...view }));
  assert.deepEqual(moments({ last: 'change' })[0], 14);
  assert.deepEqual(moments({ last: 'change', enough: 33 })[0], 33, 'and not missed when a window is');
  assert.deepEqual(moments({ last: 'follow-up' }), []);
  assert.deepEqual(moments({ last: 'first' }), []);
  assert.deepEqual(moments({ last: 'change', released: false }), [], 'a false alarm');
  const without = costAware({ threshold: 5, wait: 4, coolDown: 7, times: 2, followUp: 0, floor: 0.02 });
  assert.equal(asks(without, { last: 'change', sinceRetrain: 14 }), false);
});

test('composite: less is enough when features drift as well, not before the warm-up, and one more follows a change', () => {
  const rule = composite({ threshold: 5, warmUp: 3, coolDown: 7, followUp: 14 });
  const half = windows(3, 3);
  assert.equal(asks(rule, { excess: half }), false);
  assert.equal(asks(rule, { excess: half, drift: [true, true, true] }), true);
  assert.equal(asks(rule, { excess: windows(2, 100) }), false);
  assert.equal(asks(rule, { excess: windows(9, 100), sinceRetrain: 6 }), false);
  assert.equal(asks(rule, { last: 'change', sinceRetrain: 14 }), true);
  assert.equal(asks(rule, { last: 'follow-up', sinceRetrain: 14 }), false);
});

test('the alarm forgets good windows and never falls below 0', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { maxLength: 60 }), (nats) => {
      const excess = nats.map((value) => ({ nats: value, sd: 2, rows: 10 }));
      const { level, onset } = lossAlarm(excess);
      assert.ok(level >= 0 && onset <= excess.length && level > 0 === onset > 0);
      // A window so good that it clears everything leaves the rest as if it began there.
      const after = lossAlarm([...excess, { nats: -1e6, sd: 2, rows: 10 }, { nats: 5, sd: 2, rows: 20 }]);
      assert.deepEqual(after, { level: 2, onset: 1, nats: 5, rows: 20 });
    }),
  );
});

test('without a change the alarm at 5 comes about once in 900 windows', () => {
  const random = seededRandom(1);
  let [alarms, total] = [0, 0];
  let excess: WindowExcess[] = [];
  for (; total < 40_000; total += 1) {
    excess.push({ nats: standardNormal(random), sd: 1, rows: 1 });
    const { level } = lossAlarm(excess);
    if (level >= 5) alarms += 1;
    if (level >= 5 || level === 0) excess = [];
  }
  // 40,000 / 930 = 43 expected, sd 6.6.
  assert.ok(alarms > 20 && alarms < 70, String(alarms));
});
