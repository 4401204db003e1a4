import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { modelCard } from '../../../src/core/models/model-card.ts';
import { exportMlflow } from '../../../src/io/files/export-mlflow.ts';
import { MANIFEST, type Manifest } from '../../../src/io/files/manifest.ts';

const SHA256 = '0123456789abcdef'.repeat(4);
const VERSION: Manifest = {
  format: 1,
  model: 'machines',
  version: 'v2',
  status: 'accepted',
  reasons: ['log-loss 0.5 against 0.6 of v1'],
  created: '2024-02-01T00:00:00.000Z',
  sha256: SHA256,
  bytes: 5,
  inputs: [
    { name: 'heat', kind: 'numeric' },
    { name: 'color|shade', kind: 'categorical' },
  ],
  snapshot: {
    uri: 'snapshots/machines/x.parquet',
    sha256: 'feed',
    rows: 3000,
    query: 'snapshot-export',
    table: 'training_machines',
    columns: [],
    topic: 'training.machines',
    partitions: [0, 1],
    first_offsets: [5, 0],
    end_offsets: [1505, 1500],
    from: '2024-01-01T00:00:00.000Z',
    until: '2024-02-01T00:00:00.000Z',
    schema_ids: [7],
  },
  training: {
    trainer: 'gradient-boosting',
    seed: 1,
    config: { rounds: 40 },
    rows: 2200,
    positives: 900,
    purged: 3,
    until: '2024-01-25T00:00:00.000Z',
    metrics: { training_log_loss: { value: 0.41, n: 2200 } },
  },
  validation: {
    from: '2024-01-25T00:00:00.000Z',
    rows: 800,
    positives: 330,
    log_loss: 0.5,
    log_loss_sd: 0.4,
    roc_auc: null,
  },
  comparison: {
    champion: 'v1',
    log_loss: 0.6,
    roc_auc: 0.7,
    improvement: 0.1,
    standard_error: 0.01,
    margin: 0.001,
    rows: 800,
  },
  lineage: { request_id: 'r', incident_id: null, cause: 'heat turned', parent: 'v1' },
  golden: { tolerance: 1e-5, rows: [] },
  code_version: '0.1.0',
};

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
  await writeFile(onnx, 'model');
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
  assert.equal(model.metadata.sha256, SHA256);
  assert.equal(model.metadata.parent, 'v1');
  assert.equal(await read('model.onnx'), 'model');
  assert.match(await read('requirements.txt'), /^onnxruntime==/m);
  assert.equal(parse(await read('python_env.yaml')).dependencies[0], '-r requirements.txt');
  assert.deepEqual(MANIFEST.parse(JSON.parse(await read('metadata/manifest.json'))), VERSION);
  assert.match(await read('metadata/model_card.md'), /^# machines v2/);
});
