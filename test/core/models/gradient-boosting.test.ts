import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dataset } from '../../../src/core/models/dataset.ts';
import {
  type BoostingOptions,
  boostingRounds,
  trainGradientBoosting,
} from '../../../src/core/models/gradient-boosting.ts';
import type { Model, Round, Trained } from '../../../src/core/models/model.ts';
import { predict } from '../../../src/core/models/predict.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { FIXTURES, numericDataset } from '../../fixtures/models/fixtures.ts';

function model(trained: Trained): Model {
  assert.ok(trained.status === 'trained', JSON.stringify(trained));
  return trained.model;
}

function boost(train: Dataset, options: Partial<BoostingOptions>, seed = 1): Model {
  return model(trainGradientBoosting({ train, options, random: seededRandom(seed) }));
}

/** 400 rows: late in the evening, and for carrier "late", with some noise; a tenth of the hours missing. */
function example(seed = 5): Dataset {
  const random = seededRandom(seed);
  const hour = Float64Array.from({ length: 400 }, () => Math.floor(random() * 24));
  const carrier = Array.from({ length: 400 }, () =>
    random() < 0.3 ? 'late' : `c${Math.floor(random() * 9)}`,
  );
  const label = hour.map((h, row) => (random() < (h > 17 || carrier[row] === 'late' ? 0.8 : 0.1) ? 1 : 0));
  return {
    rows: 400,
    numeric: [
      { name: 'hour', values: hour.map((h) => (random() < 0.1 ? Number.NaN : h)) },
      { name: 'noise', values: Float64Array.from({ length: 400 }, random) },
    ],
    categorical: [{ name: 'carrier', values: carrier }],
    label,
  };
}

test('one squared-error tree without shrinkage or penalty is the regression tree of scikit-learn', () => {
  const { x, y, depth, minRowsPerLeaf, answers } = FIXTURES.tree;
  const train = numericDataset(x, y);
  const own = predict(
    boost(train, {
      task: 'regression',
      rounds: 1,
      learningRate: 1,
      l2: 0,
      minCurvature: 0,
      growth: 'depth-wise',
      maxDepth: depth,
      maxLeaves: 64,
      minRowsPerLeaf,
    }),
    train,
  );
  answers.forEach((answer, row) => {
    assert.ok(Math.abs((own[row] ?? 0) - answer) < 1e-5, `row ${row}: ${own[row]} is not ${answer}`);
  });
});

test('one log-loss split by hand: prior, threshold, direction of missing and both leaves', () => {
  // 30 rows below 5 with label 0, 30 above with label 1, 20 missing with label 1.
  const x = Array.from({ length: 80 }, (_, at) => (at < 30 ? 1 : at < 60 ? 9 : Number.NaN));
  const y = x.map((_, at) => (at < 30 ? 0 : 1));
  const { estimator } = boost(numericDataset([x], y), { rounds: 1, learningRate: 0.5, l2: 2, maxDepth: 1 });
  assert.ok(estimator.kind === 'trees');
  const [tree] = estimator.trees;
  const prior = 50 / 80;
  assert.equal(estimator.base, Math.fround(Math.log(prior / (1 - prior))));
  assert.deepEqual(tree?.threshold[0], 5);
  assert.equal(tree?.missingLeft[0], false);
  const weight = prior * (1 - prior);
  const leaf = (rows: number, gradient: number) => (-0.5 * rows * gradient) / (rows * weight + 2);
  assert.ok(Math.abs((tree?.value[1] ?? 0) - leaf(30, prior)) < 1e-6);
  assert.ok(Math.abs((tree?.value[2] ?? 0) - leaf(50, prior - 1)) < 1e-6);
});

test('missing alone can be split from all values', () => {
  const x = Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? at : Number.NaN));
  const y = x.map((v) => (Number.isNaN(v) ? 1 : 0));
  const train = numericDataset([x], y);
  const answers = predict(boost(train, { rounds: 30 }), train);
  answers.forEach((p, row) => {
    assert.ok(y[row] === 1 ? p > 0.9 : p < 0.1);
  });
});

test('the same seed gives the same model, another seed another one', () => {
  const train = example();
  const options = { rounds: 15, rowShare: 0.7, columnShare: 0.7 };
  assert.deepEqual(boost(train, options), boost(train, options));
  assert.notDeepEqual(boost(train, options), boost(train, options, 2));
});

test('a model survives JSON', () => {
  const train = example();
  const trained = boost(train, { rounds: 10 });
  const back: Model = JSON.parse(JSON.stringify(trained));
  assert.deepEqual(predict(back, train), predict(trained, train));
});

test('rules hold in every tree: rows per leaf, depth and number of leaves', () => {
  const train = example();
  for (const growth of ['leaf-wise', 'depth-wise'] as const) {
    const { estimator } = boost(train, { rounds: 10, growth, maxLeaves: 7, maxDepth: 3, minRowsPerLeaf: 25 });
    assert.ok(estimator.kind === 'trees');
    for (const tree of estimator.trees) {
      assert.ok(tree.left.filter((left) => left === -1).length <= 7);
      const depth = (node: number): number =>
        tree.left[node] === -1 ? 0 : 1 + Math.max(depth(tree.left[node] ?? 0), depth(tree.right[node] ?? 0));
      assert.ok(depth(0) <= 3);
    }
  }
  // With 25 of 400 rows per leaf at least, no answer rests on less: a leaf of one tree covers 25 rows.
  const single = boost(train, { rounds: 1, minRowsPerLeaf: 25, maxLeaves: 31 });
  const answers = new Map<number, number>();
  // The folds' codes differ from the served ones, so only numeric columns tell the training leaves.
  const numericOnly = { ...train, categorical: [] };
  const plain = boost(numericOnly, { rounds: 1, minRowsPerLeaf: 25, maxLeaves: 31 });
  for (const p of predict(plain, numericOnly)) answers.set(p, (answers.get(p) ?? 0) + 1);
  assert.ok(answers.size > 2);
  for (const rows of answers.values()) assert.ok(rows >= 25);
  assert.equal(single.estimator.kind, 'trees');
});

test('training loss falls from round to round, and the reported loss is that of the model', () => {
  const { x, y } = FIXTURES.logistic;
  const train = numericDataset(x, y);
  const history: Round[] = [];
  const trained = trainGradientBoosting({
    train,
    options: { rounds: 20 },
    random: seededRandom(1),
    onProgress: (round) => history.push(round),
  });
  assert.equal(history.length, 20);
  history.forEach(({ loss }, at) => {
    if (at > 0) assert.ok(loss <= (history[at - 1]?.loss ?? 0));
  });
  const answers = predict(model(trained), train);
  const loss = answers.reduce((sum, p, row) => sum - Math.log(y[row] === 1 ? p : 1 - p), 0) / y.length;
  assert.ok(Math.abs(loss - (history[19]?.loss ?? 0)) < 1e-5);
});

test('with a validation set training stops early and keeps the best number of trees', () => {
  const trained = trainGradientBoosting({
    train: example(1),
    validation: example(2),
    options: { rounds: 400, patience: 10, learningRate: 0.3 },
    random: seededRandom(1),
  });
  assert.ok(trained.status === 'trained' && trained.model.estimator.kind === 'trees');
  const losses = trained.history.map(({ validationLoss }) => validationLoss ?? Number.NaN);
  const best = losses.indexOf(Math.min(...losses));
  assert.ok(trained.history.length < 400);
  assert.equal(trained.model.estimator.trees.length, best + 1);
  assert.equal(trained.history.length, best + 11);
  const validation = example(2);
  const answers = predict(trained.model, validation);
  const loss =
    answers.reduce((sum, p, row) => sum - Math.log(validation.label[row] === 1 ? p : 1 - p), 0) / 400;
  assert.ok(Math.abs(loss - (losses[best] ?? 0)) < 1e-5);
});

test('labels that depend on nothing stop at once under validation', () => {
  const noise = (seed: number): Dataset => {
    const random = seededRandom(seed + 100);
    return {
      ...example(seed),
      label: Float64Array.from({ length: 400 }, () => (random() < 0.5 ? 1 : 0)),
    };
  };
  const trained = model(
    trainGradientBoosting({ train: noise(1), validation: noise(2), random: seededRandom(1) }),
  );
  assert.ok(trained.estimator.kind === 'trees' && trained.estimator.trees.length < 10);
  for (const p of predict(trained, noise(3))) assert.ok(Math.abs(p - 0.5) < 0.2);
});

test('codes of an identifier that says nothing do not overfit', () => {
  const random = seededRandom(9);
  const rows = 3000;
  const dataset = (): Dataset => ({
    rows,
    numeric: [],
    categorical: [
      { name: 'id', values: Array.from({ length: rows }, () => `id${Math.floor(random() * 1500)}`) },
      { name: 'group', values: Array.from({ length: rows }, () => `g${Math.floor(random() * 4)}`) },
    ],
    label: Float64Array.from({ length: rows }, () => (random() < 0.3 ? 1 : 0)),
  });
  const trained = boost(dataset(), { rounds: 50 });
  const test = dataset();
  const loss =
    predict(trained, test).reduce((sum, p, row) => sum - Math.log(test.label[row] === 1 ? p : 1 - p), 0) /
    rows;
  // The entropy of 0.3 is 0.611; a model that believed the codes would be far above.
  assert.ok(loss < 0.66, `${loss}`);
});

test('constant, empty and infinite columns are survived', () => {
  const y = Array.from({ length: 100 }, (_, at) => (at < 50 ? 0 : 1));
  const x = [
    y.map(() => 7),
    y.map(() => Number.NaN),
    y.map((_, at) =>
      at % 3 === 0 ? Number.POSITIVE_INFINITY : at % 3 === 1 ? Number.NEGATIVE_INFINITY : at,
    ),
    y.map((_, at) => (at < 50 ? Number.NaN : Number.POSITIVE_INFINITY)),
  ];
  const train = numericDataset(x, y);
  const answers = predict(boost(train, { rounds: 20 }), train);
  assert.ok(answers.every((p) => p >= 0 && p <= 1));
});

test('one class is an answer', () => {
  const train = { ...example(), label: new Float64Array(400) };
  assert.deepEqual(trainGradientBoosting({ train, random: seededRandom(1) }), {
    status: 'insufficient',
    reason: 'classes',
    need: 2,
    have: 1,
  });
});

test('rounds can be taken one by one', () => {
  const rounds = boostingRounds({ train: example(), options: { rounds: 3 }, random: seededRandom(1) });
  let count = 0;
  let step = rounds.next();
  for (; step.done !== true; step = rounds.next()) count += 1;
  assert.equal(count, 3);
  assert.deepEqual(model(step.value), boost(example(), { rounds: 3 }));
});
