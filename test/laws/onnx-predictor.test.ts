import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_FLOAT32 } from '../../src/core/models/bins.ts';
import { calibrate } from '../../src/core/models/calibrate.ts';
import type { Dataset } from '../../src/core/models/dataset.ts';
import { designWidth } from '../../src/core/models/design-matrix.ts';
import { trainGradientBoosting } from '../../src/core/models/gradient-boosting.ts';
import { trainLogisticRegression } from '../../src/core/models/logistic-regression.ts';
import type {
  Calibration,
  CategoricalInput,
  Linear,
  Model,
  NumericInput,
  Tree,
} from '../../src/core/models/model.ts';
import { predict } from '../../src/core/models/predict.ts';
import { checkOnnx } from '../../src/core/onnx/check-onnx.ts';
import { exportOnnx } from '../../src/core/onnx/export-model.ts';
import { type Random, randomBelow, seededRandom } from '../../src/core/random.ts';
import { loadScorer } from '../../src/io/onnx-runtime/load-scorer.ts';

/** The law: whatever the model and the rows are, the runtime answers what our own predictor answers. */
const TOLERANCE = 1e-6;

test('the runtime agrees with the own predictor on random tree models', async () => {
  await agreement(300, (random) => ({ ...inputs(random, 'as-is'), trees: true }));
});

test('the runtime agrees with the own predictor on random linear models', async () => {
  await agreement(300, (random) => ({ ...inputs(random, 'standardise'), trees: false }));
});

test('hundreds of trees add up to the same for one row and for thousands', async () => {
  const random = seededRandom(4);
  const known = inputs(random, 'as-is');
  const base = randomModel(random, { ...known, trees: true });
  const trees = Array.from({ length: 400 }, () => randomTree(random, designWidth(known)));
  const model: Model = {
    ...base,
    task: 'classification',
    estimator: { kind: 'trees', base: -0.5, trees },
    calibration: { method: 'none' },
  };
  for (const rows of [1, 2, 50, 5000]) await agrees(model, randomRows(random, model, rows));
});

test('values one float32 step to either side of a threshold go the same way in both', async () => {
  const thresholds = [0, -0, 0.1, 1 / 3, 1e-45, -1e-45, 1e30, MAX_FLOAT32, -MAX_FLOAT32, 16_777_217].map(
    Math.fround,
  );
  for (const threshold of thresholds) {
    const tree: Tree = {
      column: [0, 0, 0],
      threshold: [threshold, 0, 0],
      missingLeft: [threshold > 0, false, false],
      left: [1, -1, -1],
      right: [2, -1, -1],
      value: [0, -1, 1],
    };
    const model: Model = {
      format: 1,
      task: 'classification',
      numeric: [{ treatment: 'as-is', name: 'x' }],
      categorical: [],
      estimator: { kind: 'trees', base: 0, trees: [tree] },
      calibration: { method: 'none' },
    };
    const values = [
      threshold,
      above(threshold),
      -above(-threshold),
      // Doubles that only rounding to float32 brings onto the threshold or past it.
      threshold * (1 + 2 ** -26),
      threshold * (1 - 2 ** -26),
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.MAX_VALUE,
      5e-324,
    ];
    const dataset = {
      rows: values.length,
      numeric: [{ name: 'x', values: Float64Array.from(values) }],
      categorical: [],
      label: new Float64Array(0),
    };
    await agrees(model, dataset);
  }
});

test('a predictor that errs by one float32 step or sends missing values the other way is caught', async () => {
  const random = seededRandom(11);
  const model = randomModel(random, {
    numeric: [{ treatment: 'as-is', name: 'n0' }],
    categorical: [],
    trees: true,
  });
  assert.ok(model.estimator.kind === 'trees');
  const dataset = randomRows(random, model, 500);
  await agrees(model, dataset);
  const wrong = (change: (tree: Tree) => Tree): Model => ({
    ...model,
    estimator: {
      kind: 'trees',
      base: model.estimator.kind === 'trees' ? model.estimator.base : 0,
      trees: model.estimator.kind === 'trees' ? model.estimator.trees.map(change) : [],
    },
  });
  const strict = wrong((tree) => ({ ...tree, threshold: tree.threshold.map((value) => -above(-value)) }));
  const flipped = wrong((tree) => ({ ...tree, missingLeft: tree.missingLeft.map((left) => !left) }));
  for (const planted of [strict, flipped]) {
    await assert.rejects(agrees(model, dataset, predict(planted, dataset)), /own .*, runtime/);
  }
});

test('trained models answer the same on their training rows and on rows they have never seen the like of', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.constantFrom('none', 'platt', 'isotonic'), async (seed, method) => {
      const random = seededRandom(seed);
      const names = { numeric: ['n0', 'n1', 'n2'], categorical: ['c0', 'c1'] };
      const dataset = () => trainingRows(random, names);
      const train = dataset();
      const options = { rounds: 12, rowShare: 0.9, minRowsPerLeaf: 3 };
      const sets = { ...options, encoding: 'subsets', categorySmoothing: 1, minRowsPerGroup: 2 } as const;
      for (const trained of [
        trainGradientBoosting({ train, options, random }),
        trainGradientBoosting({ train, options: sets, random }),
        trainLogisticRegression({ train }),
      ]) {
        // Random labels of 80 rows have both classes but for one seed in 10^23.
        assert.ok(trained.status === 'trained');
        const fitted =
          method === 'none' ? trained : calibrate({ model: trained.model, dataset: train, method });
        assert.ok(fitted.status !== 'insufficient');
        await agrees(fitted.model, train);
        await agrees(fitted.model, randomRows(random, fitted.model, 40));
      }
    }),
    { numRuns: 40 },
  );
});

test('the same model gives the same bytes', () => {
  fc.assert(
    fc.property(fc.integer(), fc.boolean(), (seed, trees) => {
      const make = () => {
        const random = seededRandom(seed);
        return exportOnnx(randomModel(random, { ...inputs(random, trees ? 'as-is' : 'standardise'), trees }));
      };
      assert.deepEqual(make(), make());
    }),
    { numRuns: 50 },
  );
});

async function agreement(
  runs: number,
  shape: (random: Random) => ReturnType<typeof inputs> & { trees: boolean },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const random = seededRandom(seed);
      const model = randomModel(random, shape(random));
      await agrees(model, randomRows(random, model, 1 + randomBelow(random, 60)));
    }),
    { numRuns: runs },
  );
}

async function agrees(model: Model, dataset: Dataset, own = predict(model, dataset)): Promise<void> {
  const bytes = exportOnnx(model);
  assert.equal(checkOnnx(bytes).status, 'ok');
  const scorer = await loadScorer({ bytes, sha256: createHash('sha256').update(bytes).digest('hex') });
  const theirs = await scorer.score({
    rows: dataset.rows,
    numeric: Object.fromEntries(dataset.numeric.map(({ name, values }) => [name, Float32Array.from(values)])),
    categorical: Object.fromEntries(
      dataset.categorical.map(({ name, values }) => [name, values.map((value) => value ?? '')]),
    ),
  });
  await scorer.close();
  own.forEach((answer, row) => {
    const other = theirs[row] ?? Number.NaN;
    const scale = model.task === 'regression' ? Math.max(1, Math.abs(answer)) : 1;
    assert.ok(Math.abs(answer - other) <= TOLERANCE * scale, `row ${row}: own ${answer}, runtime ${other}`);
  });
}

const WORDS = [
  'AA',
  'UA',
  'a',
  'A',
  ' ',
  'å',
  'a\u030a',
  '北京',
  '😀',
  'x'.repeat(300),
  '\ud800',
  'cut\0here',
  'nan',
];

function word(random: Random): string {
  return WORDS[randomBelow(random, WORDS.length)] ?? '';
}

function inputs(
  random: Random,
  treatment: 'as-is' | 'standardise',
): { numeric: NumericInput[]; categorical: CategoricalInput[] } {
  const numeric = Array.from({ length: 1 + randomBelow(random, 4) }, (_, at): NumericInput => {
    if (random() < 0.2) {
      const form = treatment === 'as-is' ? 'numbers' : 'one-hot';
      return { treatment: 'time', name: `n${at}`, form };
    }
    if (treatment === 'as-is') return { treatment, name: `n${at}` };
    return {
      treatment,
      name: `n${at}`,
      fill: single(random, 10),
      mean: single(random, 10),
      scale: random() < 0.2 ? 0 : Math.abs(single(random, 2)),
      limit: 10,
      missingColumn: random() < 0.5,
    };
  });
  const categorical = Array.from({ length: randomBelow(random, 3) }, (_, at): CategoricalInput => {
    if (random() < 0.2) return { treatment: 'hashed', name: `c${at}`, buckets: 2 + randomBelow(random, 9) };
    const known = new Set(Array.from({ length: randomBelow(random, 6) }, () => word(random)));
    // Fitting never keeps text that the runtime could not be given.
    const categories = [...known].filter((text) => text.isWellFormed() && !text.includes('\0'));
    if (treatment === 'standardise') return { treatment: 'one-hot', name: `c${at}`, categories };
    return {
      treatment: 'codes',
      name: `c${at}`,
      categories,
      codes: categories.map(() => single(random, 1)),
      missing: single(random, 1),
      unseen: single(random, 1),
    };
  });
  return { numeric, categorical };
}

function randomModel(random: Random, shape: ReturnType<typeof inputs> & { trees: boolean }): Model {
  const { trees, ...known } = shape;
  const width = designWidth(known);
  const task = random() < 0.2 ? 'regression' : 'classification';
  const linear: Linear = {
    kind: 'linear',
    weights: Array.from({ length: width }, () => single(random, 0.5)),
    intercept: single(random, 1),
  };
  return {
    format: 1,
    task,
    ...known,
    estimator: trees
      ? {
          kind: 'trees',
          base: single(random, 1),
          trees: Array.from({ length: randomBelow(random, 30) }, () => randomTree(random, width)),
        }
      : linear,
    calibration: task === 'regression' ? { method: 'none' } : randomCalibration(random),
  };
}

function randomCalibration(random: Random): Calibration {
  const choice = random();
  if (choice < 0.4) return { method: 'none' };
  if (choice < 0.7) return { method: 'platt', slope: single(random, 2), intercept: single(random, 2) };
  const knots = 1 + randomBelow(random, 8);
  let score = -3;
  let probability = 0.01;
  const scores: number[] = [];
  const probabilities: number[] = [];
  for (let knot = 0; knot < knots; knot += 1) {
    scores.push(Math.fround(score));
    probabilities.push(Math.fround(probability));
    score += 0.3 + random();
    probability += (0.99 - probability) * random() * 0.5;
  }
  return { method: 'isotonic', scores, probabilities };
}

function randomTree(random: Random, width: number): Tree {
  const tree = {
    column: [0],
    threshold: [0],
    missingLeft: [false],
    left: [-1],
    right: [-1],
    value: [single(random, 0.3)],
  };
  for (let splits = randomBelow(random, 12); splits > 0; splits -= 1) {
    const leaves = tree.left.flatMap((left, node) => (left === -1 ? [node] : []));
    const node = leaves[randomBelow(random, leaves.length)] ?? 0;
    tree.left[node] = tree.left.length;
    tree.right[node] = tree.left.length + 1;
    tree.column[node] = randomBelow(random, width);
    tree.threshold[node] = random() < 0.1 ? MAX_FLOAT32 : grid(random);
    tree.missingLeft[node] = random() < 0.5;
    for (let child = 0; child < 2; child += 1) {
      tree.column.push(0);
      tree.threshold.push(0);
      tree.missingLeft.push(false);
      tree.left.push(-1);
      tree.right.push(-1);
      tree.value.push(single(random, 0.3));
    }
  }
  return tree;
}

function randomRows(random: Random, model: Model, rows: number): Dataset {
  return {
    rows,
    numeric: model.numeric.map(({ name }) => ({
      name,
      values: Float64Array.from({ length: rows }, () => odd(random)),
    })),
    categorical: model.categorical.map(({ name }) => ({
      name,
      values: Array.from({ length: rows }, () =>
        random() < 0.2 ? null : random() < 0.1 ? '' : word(random),
      ),
    })),
    label: new Float64Array(0),
  };
}

function trainingRows(random: Random, names: { numeric: string[]; categorical: string[] }): Dataset {
  const rows = 80;
  return {
    rows,
    numeric: names.numeric.map((name) => ({
      name,
      values: Float64Array.from({ length: rows }, () => odd(random)),
    })),
    categorical: names.categorical.map((name) => ({
      name,
      values: Array.from({ length: rows }, () => (random() < 0.2 ? null : word(random))),
    })),
    label: Float64Array.from({ length: rows }, () => (random() < 0.4 ? 1 : 0)),
  };
}

/** Values that land on thresholds, between them, beyond float32, and nowhere. */
function odd(random: Random): number {
  const choice = random();
  if (choice < 0.4) return grid(random);
  if (choice < 0.7) return single(random, 20);
  const special = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    1e300,
    -1e300,
    MAX_FLOAT32,
    1e-300,
    -0,
    1_357_034_400_000,
    -1e12,
    1e38,
  ];
  return special[randomBelow(random, special.length)] ?? 0;
}

function grid(random: Random): number {
  return Math.fround((randomBelow(random, 21) - 10) / 10);
}

function single(random: Random, spread: number): number {
  return Math.fround((random() * 2 - 1) * spread);
}

function above(value: number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  if (value === 0) return 1e-45;
  bits.setInt32(0, bits.getInt32(0) + (value > 0 ? 1 : -1));
  return bits.getFloat32(0);
}
