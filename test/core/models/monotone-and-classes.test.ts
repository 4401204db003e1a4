import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Dataset } from '../../../src/core/models/dataset.ts';
import { trainGradientBoosting } from '../../../src/core/models/gradient-boosting.ts';
import { predict, predictClasses } from '../../../src/core/models/predict.ts';
import { checkOnnx } from '../../../src/core/onnx/check-onnx.ts';
import { exportOnnx } from '../../../src/core/onnx/export-model.ts';
import { type Random, seededRandom } from '../../../src/core/random.ts';

/** The label rises with x on the whole, falls in the middle, and depends on z in a way of its own. */
function wavy(random: Random, rows: number): Dataset {
  const x = Float64Array.from({ length: rows }, () => (random() < 0.05 ? Number.NaN : random() * 6 - 3));
  const z = Float64Array.from({ length: rows }, () => random() * 4 - 2);
  const label = x.map((value, row) => {
    const score = (Number.isNaN(value) ? 0 : value + 3 * Math.sin(3 * value)) + (z[row] ?? 0) ** 2 - 1;
    return random() < 1 / (1 + Math.exp(-score)) ? 1 : 0;
  });
  return {
    rows,
    numeric: [
      { name: 'x', values: x },
      { name: 'z', values: z },
    ],
    categorical: [],
    label,
  };
}

/** How far answers go the wrong way along x, anywhere, at a few places of z. */
function fall(monotone: Record<string, 'increasing' | 'decreasing'>, seed: number): number {
  const random = seededRandom(seed);
  const train = wavy(random, 1500);
  const options = { monotone, rounds: 30, maxLeaves: 12, minRowsPerLeaf: 5 };
  const trained = trainGradientBoosting({ train, options, random });
  assert.ok(trained.status === 'trained');
  let worst = 0;
  for (const z of [-1.7, -0.4, 0.2, 1.9]) {
    const steps = 400;
    const at = Float64Array.from({ length: steps }, (_, step) => -3.5 + (7 * step) / steps);
    const asked = {
      ...train,
      rows: steps,
      numeric: [
        { name: 'x', values: at },
        { name: 'z', values: at.map(() => z) },
      ],
    };
    const answers = predict(trained.model, asked);
    for (let step = 1; step < steps; step += 1) {
      worst = Math.max(worst, (answers[step - 1] ?? 0) - (answers[step] ?? 0));
    }
  }
  return worst;
}

test('an answer that may only rise never falls, and without the constraint it does', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => assert.equal(fall({ x: 'increasing' }, seed), 0)),
    { numRuns: 8 },
  );
  assert.ok(fall({}, 1) > 0.2);
  assert.ok(fall({ x: 'decreasing' }, 1) > 0, 'a constraint the other way lets answers fall');
});

/** Three classes in rings of x and by category. */
function rings(random: Random, rows: number): Dataset {
  const x = Float64Array.from({ length: rows }, () => random() * 6 - 3);
  const c = Array.from({ length: rows }, () => (random() < 0.1 ? null : `c${Math.floor(random() * 4)}`));
  const label = x.map((value, row) => {
    if (random() < 0.1) return Math.floor(random() * 3);
    return c[row] === 'c3' ? 2 : Math.abs(value) < 1.2 ? 0 : value > 0 ? 1 : 2;
  });
  return { rows, numeric: [{ name: 'x', values: x }], categorical: [{ name: 'c', values: c }], label };
}

test('multiclass boosting finds three rings, stops early, and the runtime answers the same probabilities', async () => {
  const random = seededRandom(3);
  const [train, validation, later] = [rings(random, 1500), rings(random, 500), rings(random, 1000)];
  const trained = trainGradientBoosting({
    train,
    validation,
    options: { task: 'multiclass', rounds: 200, encoding: 'target', patience: 10 },
    random: seededRandom(1),
  });
  assert.ok(trained.status === 'trained');
  const { estimator } = trained.model;
  assert.ok(estimator.kind === 'class-trees' && estimator.classes.length === 3);
  assert.ok(trained.history.length < 200, 'it stopped early');
  const classes = predictClasses(trained.model, later);
  const likeliest = predict(trained.model, later);
  const right = likeliest.filter((answer, row) => answer === later.label[row]).length;
  // A tenth of the labels is drawn at random, a third of those right by chance: 933 of 1,000 is perfect.
  assert.ok(right > 890, `${right} of 1,000 right`);

  const bytes = exportOnnx(trained.model);
  const checked = checkOnnx(bytes);
  assert.equal(checked.status, 'ok');
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const answers = await session.run({
    x: new Tensor('float32', Float32Array.from(later.numeric[0]?.values ?? []), [later.rows, 1]),
    c: new Tensor('string', later.categorical[0]?.values.map((value) => value ?? '') ?? [], [later.rows, 1]),
  });
  await session.release();
  const theirs = answers['probabilities']?.data;
  const labels = answers['label']?.data;
  assert.ok(theirs instanceof Float32Array && labels instanceof BigInt64Array);
  assert.equal(theirs.length, 3 * later.rows);
  for (let row = 0; row < later.rows; row += 1) {
    classes.forEach((of, k) => {
      const [own = 0, other = 1] = [of[row], theirs[3 * row + k]];
      assert.ok(Math.abs(own - other) < 1e-6, `row ${row}, class ${k}: own ${own}, runtime ${other}`);
    });
    assert.equal(Number(labels[row]), likeliest[row]);
  }
});

test('labels that are no class numbers, or of one class, are no multiclass training', () => {
  const train = rings(seededRandom(1), 200);
  const options = { task: 'multiclass' } as const;
  const status = (label: Float64Array) => {
    const trained = trainGradientBoosting({ train: { ...train, label }, options, random: seededRandom(1) });
    return trained.status === 'insufficient' ? trained.reason : 'trained';
  };
  assert.equal(status(train.label.map((label) => label + 0.5)), 'labels');
  assert.equal(status(train.label.map(() => 2)), 'classes');
});
