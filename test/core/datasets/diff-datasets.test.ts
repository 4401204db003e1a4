import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffDatasets } from '../../../src/core/datasets/diff-datasets.ts';
import { standardNormal } from '../../../src/core/evaluation/joint-rows.ts';
import type { Dataset } from '../../../src/core/models/dataset.ts';
import { seededRandom } from '../../../src/core/random.ts';

function rows(args: { seed: number; n: number; shift?: number; missing?: number; extra?: string }): Dataset {
  const random = seededRandom(args.seed);
  const draw = (each: () => number): Float64Array => Float64Array.from({ length: args.n }, each);
  return {
    rows: args.n,
    numeric: [
      { name: 'still', values: draw(() => standardNormal(random)) },
      {
        name: 'moving',
        values: draw(() =>
          random() < (args.missing ?? 0) ? Number.NaN : standardNormal(random) + (args.shift ?? 0),
        ),
      },
    ],
    categorical: [
      {
        name: 'color',
        values: Array.from({ length: args.n }, () =>
          args.extra !== undefined && random() < 0.2 ? args.extra : random() < 0.5 ? 'red' : 'blue',
        ),
      },
    ],
    label: draw(() => (random() < 0.3 ? 1 : 0)),
  };
}

test('a data set does not differ from itself', () => {
  const one = rows({ seed: 1, n: 400, missing: 0.1 });
  const diff = diffDatasets(one, one);
  for (const { distribution, missing } of diff.features) {
    assert.ok(distribution.status === 'ok' && distribution.value === 0);
    assert.ok(missing.status === 'ok' && missing.effect === 0);
  }
  assert.deepEqual([diff.gone, diff.added], [[], []]);
});

test('what moved comes first, with its size, its means, its gaps and its new categories', () => {
  const diff = diffDatasets(
    rows({ seed: 1, n: 2_000 }),
    rows({ seed: 2, n: 3_000, shift: 1, missing: 0.25, extra: 'green' }),
  );
  assert.deepEqual(diff.rows, { before: 2_000, after: 3_000 });
  const [first, second, third] = diff.features;
  assert.deepEqual([first?.feature, second?.feature, third?.feature], ['moving', 'color', 'still']);
  // Two normal laws one standard deviation apart are .383 apart.
  assert.ok(first?.distribution.status === 'ok' && Math.abs(first.distribution.value - 0.383) < 0.05);
  assert.ok(first?.missing.status === 'ok' && Math.abs((first.missing.effect ?? 0) - 0.25) < 0.03);
  assert.ok(Math.abs((first?.mean?.after ?? 0) - 1) < 0.1);
  assert.deepEqual(second?.categories, { gone: 0, added: 1 });
  assert.ok(second?.distribution.status === 'ok' && (second.distribution.pValue ?? 1) < 1e-6);
  assert.ok(third?.distribution.status === 'ok' && (third.distribution.pValue ?? 0) > 1e-4);
  assert.ok(diff.classBalance?.status === 'ok' && (diff.classBalance.pValue ?? 0) > 1e-4);
});

test('features of one side are named, and empty sides are insufficient', () => {
  const one = rows({ seed: 1, n: 10 });
  const other = { ...one, numeric: one.numeric.slice(1), categorical: [] };
  assert.deepEqual(diffDatasets(one, other).gone, ['still', 'color']);
  assert.deepEqual(diffDatasets(other, one).added, ['still', 'color']);
  const empty = {
    rows: 0,
    numeric: [{ name: 'still', values: new Float64Array(0) }],
    categorical: [],
    label: new Float64Array(0),
  };
  const diff = diffDatasets(empty, empty);
  assert.equal(diff.features[0]?.distribution.status, 'insufficient');
  assert.equal(diff.classBalance?.status, 'insufficient');
});
