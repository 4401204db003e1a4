import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standardNormal } from '../../../src/core/evaluation/joint-rows.ts';
import { agreement } from '../../../src/core/experiments/agreement.ts';
import { pairedGain } from '../../../src/core/experiments/paired-gain.ts';
import { writeReceipt } from '../../../src/core/experiments/receipt.ts';
import { seededRandom } from '../../../src/core/random.ts';

/** Twenty days of fifty rows; every day has a gain of its own around `gain`. */
function days(seed: number, gain: number) {
  const random = seededRandom(seed);
  const rows = { parentLosses: [] as number[], ownLosses: [] as number[], days: [] as number[] };
  for (let day = 0; day < 20; day += 1) {
    const ofDay = gain + 0.05 * standardNormal(random);
    for (let row = 0; row < 50; row += 1) {
      const parent = 0.5 + 0.1 * standardNormal(random);
      rows.parentLosses.push(parent);
      rows.ownLosses.push(parent - ofDay + 0.02 * standardNormal(random));
      rows.days.push(day);
    }
  }
  return rows;
}

test('the interval holds the gain in 95 of 100 cases when days differ, and rows taken as independent do not', () => {
  let [held, naive] = [0, 0];
  for (let seed = 0; seed < 400; seed += 1) {
    const rows = days(seed, 0.02);
    const clustered = pairedGain(rows);
    const alone = pairedGain({ ...rows, days: rows.days.map((_, row) => row) });
    assert.ok(clustered.status === 'ok' && alone.status === 'ok');
    if (clustered.low <= 0.02 && clustered.high >= 0.02) held += 1;
    if (alone.low <= 0.02 && alone.high >= 0.02) naive += 1;
  }
  // Binomial(400, .95) is below 363 with probability below .001.
  assert.ok(held >= 363, String(held));
  assert.ok(naive < 300, String(naive));
});

test('the numbers of a small case are those worked out by hand', () => {
  const gain = pairedGain({
    parentLosses: [1, 2, 3, 4],
    ownLosses: [0, 2, 1, 3],
    days: [1, 1, 2, 2],
    minimumLabels: 4,
    minimumDays: 2,
  });
  // Gains 1, 0, 2, 1; mean 1; day sums less their share -1 and +1; se = sqrt(2 * 2) / 4; t(1) = 12.706.
  assert.ok(gain.status === 'ok');
  assert.equal(gain.gain, 1);
  assert.equal(gain.standardError, 0.5);
  assert.ok(Math.abs(gain.high - (1 + 0.5 * 12.706204736)) < 1e-8);
  assert.equal(gain.parentLoss - gain.ownLoss, 1);
});

test('too few labels or days are said, not guessed', () => {
  const few = pairedGain({ parentLosses: [1], ownLosses: [1], days: [1] });
  assert.deepEqual(few, { status: 'insufficient', need: 500, have: 1, what: 'labels' });
  const one = new Array(600).fill(1);
  assert.deepEqual(pairedGain({ parentLosses: one, ownLosses: one, days: one }), {
    status: 'insufficient',
    need: 5,
    have: 1,
    what: 'days',
  });
});

test('a receipt says helped only when the whole interval does', () => {
  const base = { version: 'v2', parent: 'v1', predicted: { gain: 0.03, standardError: 0.004 } };
  const verdict = (gain: number, rolledBack = false): string =>
    writeReceipt({ ...base, measured: pairedGain(days(3, gain)), rolledBack }).verdict;
  assert.equal(verdict(0.2), 'helped');
  assert.equal(verdict(0), 'did not');
  assert.equal(verdict(-0.2), 'did not');
  assert.equal(verdict(0.2, true), 'rolled back');
  const measured = { status: 'insufficient', need: 500, have: 3, what: 'labels' } as const;
  const nothing = writeReceipt({ ...base, predicted: undefined, measured, rolledBack: false });
  assert.deepEqual(nothing, { verdict: 'insufficient', reason: '3 of 500 labels needed' });
  assert.match(
    writeReceipt({ ...base, measured: pairedGain(days(3, 0.2)), rolledBack: false }).reason,
    /^v2 changed log-loss by -0\.\d+ against v1 on the same 1000 rows of 20 days: gain \+0\.\d+ \[.*\]; predicted was \+0\.0300/,
  );
});

test('agreement counts equal bits, and one bit less shows', () => {
  const logged = [0.25, 0.5, Math.fround(0.1)];
  assert.deepEqual(agreement({ logged, replayed: Float32Array.from(logged) }), {
    n: 3,
    same: 3,
    largest: 0,
    mean: 0,
  });
  const planted = agreement({ logged, replayed: [0.25, 0.5, 0.1] });
  assert.equal(planted.same, 2);
  assert.ok(planted.largest > 0 && planted.largest < 1e-8);
  assert.equal(agreement({ logged: [Number.NaN], replayed: [Number.NaN] }).same, 0);
  assert.deepEqual(agreement({ logged, replayed: [1, 0.5, 1], rows: [1] }).same, 1);
});
