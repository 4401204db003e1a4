import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleColumns, sampleRows } from '../../../src/core/models/sample.ts';
import { seededRandom } from '../../../src/core/random.ts';

test('a sample has the exact share of rows, in order, each at most once', () => {
  const rows = new Uint32Array(1000);
  for (const share of [0.001, 0.25, 0.5, 0.999]) {
    const count = sampleRows(rows, share, seededRandom(1));
    assert.equal(count, Math.round(share * 1000));
    const sample = rows.subarray(0, count);
    sample.forEach((row, at) => {
      assert.ok(row < 1000 && (at === 0 || row > (sample[at - 1] ?? 0)));
    });
  }
  assert.equal(sampleRows(rows, 1, seededRandom(1)), 1000);
});

test('every row has the same chance', () => {
  const rows = new Uint32Array(10);
  const random = seededRandom(2);
  const seen = new Array<number>(10).fill(0);
  for (let run = 0; run < 10_000; run += 1) {
    const count = sampleRows(rows, 0.3, random);
    for (const row of rows.subarray(0, count)) seen[row] = (seen[row] ?? 0) + 1;
  }
  // 3,000 expected each, deviation 46.
  for (const count of seen) assert.ok(Math.abs(count - 3000) < 230, `${count}`);
});

test('columns are sampled without repetition, at least one', () => {
  const random = seededRandom(3);
  assert.equal(sampleColumns(18, 0.01, random).length, 1);
  const columns = sampleColumns(18, 0.5, random);
  assert.equal(new Set(columns).size, 9);
  assert.deepEqual(sampleColumns(3, 1, random), [0, 1, 2]);
});
