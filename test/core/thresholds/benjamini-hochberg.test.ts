import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { benjaminiHochberg } from '../../../src/core/thresholds/benjamini-hochberg.ts';

test('adjusted p-values, worked by hand, in the order given', () => {
  // Sorted .005 .01 .03 .04, times 4/1 4/2 4/3 4/4: .02 .02 .04 .04.
  const adjusted = benjaminiHochberg([0.01, 0.04, 0.03, 0.005]);
  for (const [at, expected] of [0.02, 0.04, 0.04, 0.02].entries())
    assert.ok(Math.abs((adjusted[at] ?? 0) - expected) < 1e-12);
  assert.deepEqual(benjaminiHochberg([]), []);
});

test('they keep the order, lie between p and 1, and do not depend on the order given', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }), (ps) => {
      const adjusted = benjaminiHochberg(ps);
      for (const [at, p] of ps.entries()) {
        const q = adjusted[at] ?? -1;
        assert.ok(q >= p - 1e-15 && q <= 1);
        for (const [other, second] of ps.entries()) if (p < second) assert.ok(q <= (adjusted[other] ?? -1));
      }
      assert.deepEqual(benjaminiHochberg(ps.toReversed()), adjusted.toReversed());
    }),
  );
});
