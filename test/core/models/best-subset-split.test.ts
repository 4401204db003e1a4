import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Split } from '../../../src/core/models/best-split.ts';
import { bestSubsetSplit, type SubsetRules } from '../../../src/core/models/best-subset-split.ts';
import type { Dataset } from '../../../src/core/models/dataset.ts';
import { BOOSTING_DEFAULTS, trainGradientBoosting } from '../../../src/core/models/gradient-boosting.ts';
import { UNBOUNDED } from '../../../src/core/models/leaf-answer.ts';
import { predict } from '../../../src/core/models/predict.ts';
import { rocAuc } from '../../../src/core/performance/roc-auc.ts';
import { seededRandom } from '../../../src/core/random.ts';

type Category = readonly [gradient: number, curvature: number, rows: number];

function split(categories: readonly Category[], rules: Partial<SubsetRules> = {}): Split | undefined {
  const node = categories.reduce(
    (sum, [gradient, curvature, rows]) => ({
      gradient: sum.gradient + gradient,
      curvature: sum.curvature + curvature,
      rows: sum.rows + rows,
    }),
    { gradient: 0, curvature: 0, rows: 0 },
  );
  return bestSubsetSplit({
    histogram: Float64Array.from(categories.flat()),
    column: 0,
    offset: 0,
    bins: categories.length,
    node,
    rules: { ...BOOSTING_DEFAULTS, minRowsPerLeaf: 1, minCurvature: 0, l2: 0, ...FREE, ...rules },
    bounds: UNBOUNDED,
    own: node.gradient ** 2 / node.curvature,
    least: 0,
  });
}

/** Rules that forbid nothing, so that every set may be chosen. */
const FREE: SubsetRules = { categorySmoothing: 0, categoryL2: 0, minRowsPerGroup: 0, maxSubset: 100 };

/** The largest gain over all sets, one after the other. */
function everySet(categories: readonly Category[]): number {
  const score = (set: readonly Category[]): number =>
    set.reduce((sum, [gradient]) => sum + gradient, 0) ** 2 /
    set.reduce((sum, [, curvature]) => sum + curvature, 0);
  let best = 0;
  for (let mask = 1; mask < 2 ** categories.length - 1; mask += 1) {
    const inside = categories.filter((_, at) => (mask >> at) % 2 === 1);
    const outside = categories.filter((_, at) => (mask >> at) % 2 === 0);
    best = Math.max(best, score(inside) + score(outside) - score(categories));
  }
  return best;
}

test('no set of categories gains more than the one that is found', () => {
  const category = fc.tuple(
    fc.integer({ min: -20, max: 20 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 50 }),
  );
  fc.assert(
    fc.property(fc.array(category, { minLength: 5, maxLength: 9 }), (categories) => {
      const gain = split(categories)?.gain ?? 0;
      assert.ok(Math.abs(gain - everySet(categories)) < 1e-9, `${gain}, ${everySet(categories)}`);
    }),
    { numRuns: 200 },
  );
});

test('the set goes left, and a category without a row goes with the larger side', () => {
  const some: Category[] = [
    [-9, 3, 10],
    [0, 0, 0],
    [9, 3, 10],
    [-9, 3, 10],
    [9, 3, 10],
    [9, 3, 100],
  ];
  const [left, absent, right, ...others] = split(some)?.subset ?? [];
  assert.deepEqual(others, [left, right, right]);
  assert.notEqual(left, right);
  assert.equal(absent, right, 'the side with 120 of 140 rows');
});

test('categories of few rows are not told apart, and a group needs its rows', () => {
  const categories = Array.from({ length: 8 }, (_, at): Category => [at < 4 ? -4 : 4, 2, 9]);
  assert.ok((split(categories)?.gain ?? 0) > 0);
  assert.equal(split(categories, { categorySmoothing: 10 }), undefined);
  assert.equal(split(categories, { minRowsPerGroup: 37 }), undefined);
  assert.equal(split(categories, { maxSubset: 2 })?.left.rows, 18);
  assert.equal(split(categories.slice(0, 1)), undefined);
});

/** The label depends on whether the category is one of those with an even number, the other way round for x > 0. */
function crossed(seed: number): Dataset {
  const random = seededRandom(seed);
  const rows = 4_000;
  const x = Float64Array.from({ length: rows }, () => random() - 0.5);
  const kinds = Array.from({ length: rows }, () => Math.floor(random() * 20));
  return {
    rows,
    numeric: [{ name: 'x', values: x }],
    categorical: [{ name: 'c', values: kinds.map((kind) => (kind === 19 ? null : `c${kind}`)) }],
    label: x.map((value, row) =>
      random() < (((kinds[row] ?? 0) % 2 === 0) === value > 0 ? 0.9 : 0.1) ? 1 : 0,
    ),
  };
}

test('sets chosen at every node see what one code per category cannot', () => {
  const area = (encoding: 'subsets' | 'target'): number => {
    const options = { encoding, rounds: 20 };
    const trained = trainGradientBoosting({ train: crossed(1), options, random: seededRandom(1) });
    assert.ok(trained.status === 'trained');
    const later = crossed(2);
    const found = rocAuc({ predictions: predict(trained.model, later), labels: later.label });
    assert.ok(found.status === 'ok');
    return found.value;
  };
  // 0.9 is all there is to know.
  assert.ok(area('subsets') > 0.88, `${area('subsets')}`);
  assert.ok(area('target') < area('subsets') - 0.05, `${area('target')}`);
});

test('sets of an identifier that says nothing are not believed', () => {
  const random = seededRandom(9);
  const dataset = (): Dataset => ({
    rows: 3_000,
    numeric: [],
    categorical: [
      { name: 'id', values: Array.from({ length: 3_000 }, () => `id${Math.floor(random() * 200)}`) },
    ],
    label: Float64Array.from({ length: 3_000 }, () => (random() < 0.3 ? 1 : 0)),
  });
  const options = { encoding: 'subsets', rounds: 50 } as const;
  const [train, validation, later] = [dataset(), dataset(), dataset()];
  const trained = trainGradientBoosting({ train, validation, options, random });
  assert.ok(trained.status === 'trained');
  const answers = predict(trained.model, later);
  const loss =
    answers.reduce((sum, p, row) => sum - Math.log(later.label[row] === 1 ? p : 1 - p), 0) / later.rows;
  // The entropy of 0.3 is 0.611.
  assert.ok(loss < 0.63, `${loss}`);
});
