import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../src/core/random.ts';
import { boundOfPower } from '../../../src/core/simulation/power-bound.ts';

const BUDGET = { reference: 10_000, rows: 1_000, evidenceAt: 14_400 };

function found(shift: number, until: number): number {
  const random = seededRandom(3);
  let count = 0;
  for (let run = 0; run < 400; run += 1) {
    const window = boundOfPower({ random, ...BUDGET, shift, until });
    if (window > 0) count += 1;
  }
  return count / 400;
}

test('a quarter of a standard deviation is found at once, a tenth not in every run within six windows', () => {
  assert.ok(found(0.25, 1) > 0.97);
  const tenth = found(0.1, 6);
  assert.ok(tenth > 0.9 && tenth < 0.97, `${tenth}`);
});

test('a longer reference makes it faster', () => {
  const random = seededRandom(3);
  const within = (reference: number) => {
    let count = 0;
    for (let run = 0; run < 400; run += 1)
      if (boundOfPower({ random, ...BUDGET, reference, shift: 0.1, until: 4 }) > 0) count += 1;
    return count;
  };
  assert.ok(within(1_000_000) > within(10_000) + 20);
});
