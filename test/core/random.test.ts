import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomBelow, seededRandom, shuffledPositions } from '../../src/core/random.ts';
import { FIXTURES } from '../fixtures/models/fixtures.ts';

test('the numbers are those of the published sfc32 in unbounded integers', () => {
  for (const [seed, expected] of Object.entries(FIXTURES.sfc32)) {
    const random = seededRandom(Number(seed));
    assert.deepEqual(
      expected.map(() => random() * 2 ** 32),
      expected,
    );
  }
});

test('the same seed gives the same numbers, another seed others', () => {
  const draw = (seed: number) => Array.from({ length: 20 }, seededRandom(seed));
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
});

test('a hundred thousand numbers fill a hundred bins evenly', () => {
  const random = seededRandom(3);
  const bins = new Array<number>(100).fill(0);
  for (let i = 0; i < 100_000; i += 1) {
    const at = randomBelow(random, 100);
    bins[at] = (bins[at] ?? 0) + 1;
  }
  const chiSquared = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  // 99 degrees of freedom: 149 is passed once in a thousand seeds, 62 once in a thousand from below.
  assert.ok(chiSquared > 62 && chiSquared < 149, `${chiSquared}`);
});

test('shuffled positions are every position once, and not in order', () => {
  const order = shuffledPositions(seededRandom(1), 1000);
  assert.deepEqual(
    Array.from(order).sort((a, b) => a - b),
    [...new Array(1000).keys()],
  );
  assert.notDeepEqual(Array.from(order), [...new Array(1000).keys()]);
});
