import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeDurably } from './durable.ts';
import type { Manifest } from './manifest.ts';

/**
 * Writes a version as an MLflow model directory: MLmodel, model.onnx, requirements.txt and, under metadata, what only
 * driftwatch knows. `mlflow models serve -m DIRECTORY` and `mlflow.onnx.load_model` read it.
 * Source: mlflow.org/docs, "MLflow Model", storage format, flavors `onnx` and `python_function`.
 */
export async function exportMlflow(args: {
  manifest: Manifest;
  /** Path of model.onnx. */
  onnx: string;
  directory: string;
  card: string;
}): Promise<void> {
  const { manifest, directory } = args;
  await mkdir(directory, { recursive: true });
  await copyFile(args.onnx, join(directory, 'model.onnx'));
  const tensor = (name: string, dtype: string) => ({
    name,
    type: 'tensor',
    'tensor-spec': { dtype, shape: [-1, 1] },
  });
  const signature = {
    inputs: JSON.stringify(
      manifest.inputs.map(({ name, kind }) => tensor(name, kind === 'numeric' ? 'float32' : 'str')),
    ),
    outputs: JSON.stringify([tensor('probability', 'float32')]),
  };
  const model = {
    flavors: {
      onnx: { data: 'model.onnx', onnx_version: ONNX, providers: ['CPUExecutionProvider'] },
      python_function: {
        loader_module: 'mlflow.onnx',
        data: 'model.onnx',
        env: { virtualenv: 'python_env.yaml' },
        python_version: PYTHON,
      },
    },
    model_uuid: manifest.sha256.slice(0, 32),
    utc_time_created: manifest.created.replace('T', ' ').replace('Z', ''),
    signature,
    metadata: {
      model: manifest.model,
      version: manifest.version,
      sha256: manifest.sha256,
      snapshot_sha256: manifest.snapshot.sha256,
      request_id: manifest.lineage.request_id,
      incident_id: manifest.lineage.incident_id,
      parent: manifest.lineage.parent,
    },
  };
  const environment = { python: PYTHON, dependencies: ['-r requirements.txt'] };
  await writeDurably(join(directory, 'MLmodel'), stringify(model));
  await writeDurably(join(directory, 'python_env.yaml'), stringify(environment));
  await writeDurably(join(directory, 'requirements.txt'), `mlflow\nonnx==${ONNX}\nonnxruntime==${RUNTIME}\n`);
  await writeDurably(join(directory, 'metadata', 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeDurably(join(directory, 'metadata', 'model_card.md'), args.card);
}

const ONNX = '1.19.1';
const RUNTIME = '1.23.2';
const PYTHON = '3.11';
