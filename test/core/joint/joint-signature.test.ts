import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addScores,
  decodeSignature,
  emptySignature,
  encodeSignature,
  type JointSignature,
  mergeSignatures,
  productAt,
  signatureOf,
} from '../../../src/core/joint/joint-signature.ts';
import { fourierBasis } from '../../../src/core/joint/random-fourier.ts';
import { seededRandom } from '../../../src/core/random.ts';

const AXES = 3;
const basis = fourierBasis({ axes: AXES, random: seededRandom(5), features: 8 });
const row = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: AXES, maxLength: AXES });
const rows = fc.array(row, { maxLength: 30 });
const of = (list: readonly (readonly number[])[]): JointSignature => signatureOf(list, AXES, basis);

test('a window split in two and merged equals the whole, in any order of rows', () => {
  fc.assert(
    fc.property(rows, rows, row, (x, y, one) => {
      const whole = of([...x, ...y]);
      near(mergeSignatures(of(x), of(y)), whole);
      near(of([...y, ...x].reverse()), whole);
      near(addScores(whole, one, basis), of([...x, ...y, one]));
    }),
  );
});

test('merging is commutative to the bit, associative to rounding, and has an identity', () => {
  fc.assert(
    fc.property(rows, rows, rows, (x, y, z) => {
      const [a, b, c] = [of(x), of(y), of(z)];
      assert.deepEqual(mergeSignatures(a, b), mergeSignatures(b, a));
      near(mergeSignatures(mergeSignatures(a, b), c), mergeSignatures(a, mergeSignatures(b, c)));
      assert.deepEqual(mergeSignatures(a, emptySignature(AXES, 8)), mergeSignatures(a, of([])));
    }),
  );
});

test('the text form comes back to the bit', () => {
  fc.assert(
    fc.property(rows, rows, (x, y) => {
      const signature = mergeSignatures(of(x), of(y));
      assert.deepEqual(decodeSignature(encodeSignature(signature)), signature);
    }),
  );
});

test('text that is no signature is refused', () => {
  for (const text of [
    '',
    '{}',
    '[1,[],[]]',
    '[-1,[],[],[]]',
    '[1,[1],[],[]]',
    '[1,[1],[null],[]]',
    '[1.5,[],[],[]]',
  ]) {
    assert.equal(decodeSignature(text), undefined, text);
  }
});

test('products are kept by pair, first axis first', () => {
  const { products, sums } = of([[2, 3, 5]]);
  assert.deepEqual(sums, [2, 3, 5]);
  assert.deepEqual(products, [4, 6, 10, 9, 15, 25]);
  assert.equal(products[productAt(AXES, 1, 2)], 15);
});

test('the law check fails for a merge that forgets one sum', () => {
  const forgetful = (a: JointSignature, b: JointSignature): JointSignature => ({
    ...mergeSignatures(a, b),
    products: [...a.products],
  });
  assert.throws(() =>
    near(
      forgetful(of([[1, 2, 3]]), of([[1, 1, 1]])),
      of([
        [1, 2, 3],
        [1, 1, 1],
      ]),
    ),
  );
});

function near(a: JointSignature, b: JointSignature): void {
  assert.equal(a.n, b.n);
  for (const name of ['sums', 'products', 'fourier'] as const) {
    assert.equal(a[name].length, b[name].length);
    for (const [k, value] of a[name].entries()) {
      assert.ok(Math.abs(value - (b[name][k] ?? Number.NaN)) <= 1e-9, `${name} ${k}: ${value} ${b[name][k]}`);
    }
  }
}
