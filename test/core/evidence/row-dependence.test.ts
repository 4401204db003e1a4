import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareReference, type Reference } from '../../../src/core/evidence/reference.ts';
import { rowDependence } from '../../../src/core/evidence/row-dependence.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { categoricalShape, countRows, numericShape } from '../../../src/core/simulation/features.ts';
import { latentRows } from '../../../src/core/simulation/rows.ts';

/** A reference of 10 windows of 1,000 rows: columns of numbers, and one of categories last. */
function references(memories: readonly number[], seed: number): Reference[] {
  const random = seededRandom(seed);
  return memories.map((memory, column) => {
    const draw = latentRows({ random, memory });
    const sample = new Float64Array(10_000);
    draw(sample);
    const numeric = column < memories.length - 1;
    const shape = numeric ? numericShape(sample) : categoricalShape([3, 2, 1]);
    const windows = Array.from({ length: 10 }, (_, at) => ({
      startMs: at,
      pane: countRows({ shape, rows: sample.subarray(1_000 * at, 1_000 * (at + 1)) }),
    }));
    return prepareReference({ id: 'r', kind: shape.kind, season: 'none', frozen: true, windows });
  });
}

const dependenceOf = (memories: readonly number[], seed: number) => {
  const found = rowDependence(references(memories, seed));
  return found.status === 'ok' ? found : assert.fail('insufficient');
};

test('independent rows are taken for independent, autocorrelated ones for dependent', () => {
  let [right, inflation] = [0, 0];
  for (let seed = 1; seed <= 40; seed += 1) {
    const quiet = dependenceOf(new Array<number>(12).fill(0), seed);
    if (quiet.independent) right += 1;
    inflation += quiet.inflation / 40;
    assert.equal(dependenceOf(new Array<number>(12).fill(0.5), seed).independent, false);
  }
  assert.ok(right >= 37, `${right} of 40`);
  assert.ok(Math.abs(inflation - 1) < 0.06, `${inflation}`);
});

test('one strongly autocorrelated column among many is seen, be it of numbers or of categories', () => {
  const first = [0.9, ...new Array<number>(19).fill(0)];
  for (let seed = 1; seed <= 10; seed += 1) {
    assert.equal(dependenceOf(first, seed).independent, false);
    assert.equal(dependenceOf([...first].reverse(), seed).independent, false);
  }
});

test('two windows tell nothing', () => {
  const [reference] = references([0, 0], 1);
  assert.ok(reference !== undefined);
  const short = { ...reference, windows: 2 };
  assert.deepEqual(rowDependence([short]), { status: 'insufficient', need: 3, have: 2 });
  assert.deepEqual(rowDependence([]), { status: 'insufficient', need: 3, have: 0 });
});
