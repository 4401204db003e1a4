import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sampleRatio } from '../../../src/core/experiments/sample-ratio.ts';
import { seededRandom } from '../../../src/core/random.ts';

/** Whether a mismatch was ever said while ids came in, a look after each. */
function everMismatch(seed: number, really: number, ids: number, level: number): boolean {
  const random = seededRandom(seed);
  const arms = { champion: 0, challenger: 0 };
  for (let at = 0; at < ids; at += 1) {
    arms[random() < really ? 'challenger' : 'champion'] += 1;
    if (sampleRatio({ ...arms, share: 0.5, level }).status === 'mismatch') return true;
  }
  return false;
}

test('a right split is called a mismatch at the level at most, though one looks after every id', () => {
  const alarms = Array.from({ length: 300 }, (_, run) => everMismatch(run, 0.5, 2_000, 0.05));
  // Binomial(300, .05) exceeds 27 with probability below .001.
  assert.ok(alarms.filter(Boolean).length <= 27);
});

test('a split that leaks a tenth of one arm is found', () => {
  const found = Array.from({ length: 30 }, (_, run) => everMismatch(run, 0.45, 4_000, 0.001));
  assert.ok(found.filter(Boolean).length >= 28);
});

test('the evidence is a fair bet: its mean after one more id is what it was', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 0, max: 400 }),
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      (champion, challenger, share) => {
        const factor = (a: number, b: number): number =>
          1 / sampleRatio({ champion: a, challenger: b, share }).pValue;
        const [now, one, other] = [
          factor(champion, challenger),
          factor(champion, challenger + 1),
          factor(champion + 1, challenger),
        ];
        // Below 1 the p-value is cut off, and far beyond the range of doubles too; it says nothing of the factor then.
        if (Math.min(now, one, other) <= 1 || Math.max(now, one, other) > 1e200) return;
        assert.ok(Math.abs((share * one + (1 - share) * other) / now - 1) < 1e-9);
      },
    ),
  );
  assert.deepEqual(sampleRatio({ champion: 0, challenger: 0, share: 0.5 }), {
    status: 'held',
    pValue: 1,
    n: 0,
  });
});
