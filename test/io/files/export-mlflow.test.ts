import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { modelCard } from '../../../src/core/models/model-card.ts';
import { exportOnnx } from '../../../src/core/onnx/export-model.ts';
import { exportMlflow } from '../../../src/io/files/export-mlflow.ts';
import { MANIFEST } from '../../../src/io/files/manifest.ts';
import { exampleManifest } from '../../fixtures/example-manifest.ts';

const VERSION = exampleManifest();

test('a model card says every number with its rows, and what is not known in words', () => {
  const card = modelCard(VERSION);
  assert.match(card, /^# machines v2\n/);
  // 1.96 * 0.4 / sqrt(800) = 0.0277.
  assert.match(card, /On the 800 newest rows .* 330 with label 1\)/);
  assert.match(card, /log-loss 0\.5000 ± 0\.0277 .*ROC AUC unknown: one class only/);
  assert.match(card, /training_log_loss: 0\.4100 \(n 2200\)/);
  assert.match(card, /Against v1 on the same 800 rows: better by 0\.1000 nats, standard error 0\.0100/);
  assert.match(card, /offsets 0: 5 to 1505, 1: 0 to 1500, writer schemas 7, sha256 feed/);
  assert.match(card, /\| color\\\|shade \| categorical \|/);
  assert.match(card, /Request r \(heat turned\), incident none, parent v1/);
  assert.doesNotMatch(card, /undefined|NaN/);
  assert.match(card, /The training data were not checked\./);
  const warning = {
    check: 'distribution',
    feature: 'heat',
    detail: 'heat: warmer',
    numbers: {},
    n: 2_200,
  } as const;
  const checked = { checks: 9, compared_with: 'v1', reasons: [], warnings: [warning], insufficient: [] };
  const odd = modelCard({ ...VERSION, data_checks: checked });
  assert.match(
    odd,
    /Of 9 checks of the training data none stopped the training, 1 found something odd\. They/,
  );
  assert.match(odd, /compared with what v1 was trained on\.\n\n- distribution: heat: warmer \(n 2200\)\n/);
  const first = { ...checked, compared_with: null, not_compared: 'there is no champion', warnings: [] };
  assert.match(
    modelCard({ ...VERSION, data_checks: first }),
    /nothing odd was found\. They were compared with no earlier training data: there is no champion\./,
  );
  assert.match(modelCard({ ...VERSION, comparison: null }), /compared with no other version/);
});

test('an export has the layout of an MLflow model, and names what it came from', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'driftwatch-mlflow-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const onnx = join(directory, 'source.onnx');
  const bytes = exportOnnx({
    format: 1,
    task: 'classification',
    numeric: [{ treatment: 'as-is', name: 'heat' }],
    categorical: [{ treatment: 'one-hot', name: 'color|shade', categories: ['red'] }],
    estimator: { kind: 'linear', weights: [1, 2, 3, 4], intercept: 0 },
    calibration: { method: 'none' },
  });
  await writeFile(onnx, bytes);
  const target = join(directory, 'exported');
  await exportMlflow({ manifest: VERSION, onnx, directory: target, card: modelCard(VERSION) });
  const read = (name: string): Promise<string> => readFile(join(target, name), 'utf8');
  const model = parse(await read('MLmodel'));
  assert.deepEqual(Object.keys(model.flavors), ['onnx', 'python_function']);
  assert.equal(model.flavors.onnx.data, 'model.onnx');
  assert.equal(model.flavors.python_function.loader_module, 'mlflow.onnx');
  assert.deepEqual(JSON.parse(model.signature.inputs), [
    { name: 'heat', type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 1] } },
    { name: 'color|shade', type: 'tensor', 'tensor-spec': { dtype: 'str', shape: [-1, 1] } },
  ]);
  assert.equal(model.metadata.sha256, VERSION.sha256);
  assert.equal(model.metadata.parent, 'v1');
  assert.deepEqual(JSON.parse(model.signature.outputs), [
    { name: 'probability', type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 1] } },
    { name: 'label', type: 'tensor', 'tensor-spec': { dtype: 'int64', shape: [-1, 1] } },
  ]);
  assert.deepEqual(await readFile(join(target, 'model.onnx')), Buffer.from(bytes));
  assert.match(await read('requirements.txt'), /^onnxruntime==/m);
  assert.equal(parse(await read('python_env.yaml')).dependencies[0], '-r requirements.txt');
  assert.deepEqual(MANIFEST.parse(JSON.parse(await read('metadata/manifest.json'))), VERSION);
  assert.match(await read('metadata/model_card.md'), /^# machines v2/);
  await writeFile(onnx, bytes.subarray(0, bytes.length >> 1));
  await assert.rejects(exportMlflow({ manifest: VERSION, onnx, directory: `${target}2`, card: '' }), {
    code: 'MODEL_REJECTED',
  });
});
