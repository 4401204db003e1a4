import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Dataset } from '../../../src/core/models/dataset.ts';
import { trainGradientBoosting } from '../../../src/core/models/gradient-boosting.ts';
import { columnsOfDataset } from '../../../src/core/models/scoring-columns.ts';
import { exportOnnx } from '../../../src/core/onnx/export-model.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { sha256Of } from '../../../src/io/files/durable.ts';
import { exportMlflow } from '../../../src/io/files/export-mlflow.ts';
import { loadScorer } from '../../../src/io/onnx-runtime/load-scorer.ts';
import { exampleManifest } from '../../fixtures/example-manifest.ts';
import { machineDataset, machineRows } from '../../fixtures/machines.ts';

const SCRIPT = fileURLToPath(new URL('load_mlflow.py', import.meta.url));
/** A Python with mlflow (or mlflow-skinny), onnx, onnxruntime and pandas; DRIFTWATCH_TEST_PYTHON names another than python3. */
const PYTHON = process.env['DRIFTWATCH_TEST_PYTHON'] ?? 'python3';
const there = spawnSync(PYTHON, ['-c', 'import mlflow, onnx, onnxruntime, pandas'], { encoding: 'utf8' });
const skip =
  there.status === 0
    ? false
    : `${PYTHON} has not mlflow, onnx, onnxruntime and pandas; DRIFTWATCH_TEST_PYTHON names one that has`;

test('MLflow itself loads an export as onnx and as pyfunc, and both predict what the runtime predicts', {
  skip,
}, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'driftwatch-mlflow-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const dataset = machineDataset(machineRows({ rows: 400, fromMs: 0, days: 7, seed: 3 }));
  const trained = trainGradientBoosting({
    train: dataset,
    options: { rounds: 10, maxLeaves: 6 },
    random: seededRandom(1),
  });
  if (trained.status !== 'trained') return assert.fail(trained.reason);
  const bytes = exportOnnx(trained.model);
  const scorer = await loadScorer({ bytes, sha256: sha256Of(bytes) });
  t.after(() => scorer.close());
  const expected = await scorer.score(columnsOfDataset(dataset, scorer.inputs));
  const onnx = join(directory, 'source.onnx');
  await writeFile(onnx, bytes);
  const exported = join(directory, 'exported');
  const manifest = exampleManifest({ inputs: [...scorer.inputs] });
  await exportMlflow({ manifest, onnx, directory: exported, card: '# machines v2\n' });
  const examples = join(directory, 'examples.json');
  await writeFile(examples, JSON.stringify(valuesOf(dataset)));

  const python = spawnSync(PYTHON, [SCRIPT, exported, examples], { encoding: 'utf8' });
  assert.equal(python.status, 0, python.stderr);
  const loaded = LOADED.parse(JSON.parse(python.stdout));
  assert.deepEqual(
    loaded.inputs,
    manifest.inputs.map(({ name }) => name),
  );
  const { onnx: own, tensors, frame } = loaded.predictions;
  const outputs = ['probability', 'label'];
  assert.deepEqual([loaded.outputs, Object.keys(tensors), Object.keys(frame)], [outputs, outputs, outputs]);
  for (const predictions of [own, tensors['probability'], frame['probability']]) {
    assert.equal(predictions?.length, dataset.rows);
    const furthest = Math.max(
      ...(predictions ?? []).map((value, row) => Math.abs(value - (expected[row] ?? 2))),
    );
    assert.ok(furthest < 1e-6, `a prediction is ${furthest} away`);
  }
});

/** Values by name; NaN and null are null. */
function valuesOf({ numeric, categorical }: Dataset): Record<string, unknown> {
  return Object.fromEntries(
    [...numeric, ...categorical].map(({ name, values }) => [name, Array.from<unknown>(values)]),
  );
}

/** [n, 1] or [n] as one list. */
const column = z.array(z.union([z.number(), z.tuple([z.number()])])).transform((values) => values.flat());
const LOADED = z.object({
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
  predictions: z.object({
    onnx: column,
    tensors: z.record(z.string(), column),
    frame: z.record(z.string(), column),
  }),
});
