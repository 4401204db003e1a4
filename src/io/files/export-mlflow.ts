import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { checkOnnx } from '../../core/onnx/check-onnx.ts';
import type { OnnxPort } from '../../core/onnx/inspect-type.ts';
import { DriftwatchError } from '../../errors.ts';
import { writeDurably } from './durable.ts';
import type { Manifest } from './manifest.ts';

/**
 * Writes a version as an MLflow model directory: MLmodel, model.onnx, requirements.txt and, under metadata, what only
 * driftwatch knows. `mlflow.onnx.load_model`, `mlflow.pyfunc.load_model` and `mlflow models serve -m DIRECTORY` read it;
 * missing values are NaN and the empty text. Throws MODEL_REJECTED for a file that is no sound ONNX model.
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
  const onnx = await readFile(args.onnx);
  const graph = checkOnnx(onnx);
  if (graph.status === 'refused') throw unsound(args.onnx, graph.reasons);
  const signature = {
    inputs: JSON.stringify(graph.inputs.map(tensor)),
    outputs: JSON.stringify(graph.outputs.map(tensor)),
  };
  await mkdir(directory, { recursive: true });
  await writeDurably(join(directory, 'model.onnx'), onnx);
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

/** A tensor as MLflow writes it into a signature. */
function tensor({ name, type, shape }: OnnxPort): Record<string, unknown> {
  const sizes = shape.map((size) => (typeof size === 'number' ? size : -1));
  return { name, type: 'tensor', 'tensor-spec': { dtype: DTYPES[type] ?? type, shape: sizes } };
}

function unsound(path: string, reasons: readonly string[]): DriftwatchError {
  return new DriftwatchError({
    code: 'MODEL_REJECTED',
    message: `${path} cannot be exported: ${reasons.join(' ')}`,
    next: 'Let the version be trained again.',
  });
}

/** ONNX element types that numpy calls otherwise. */
const DTYPES: Readonly<Record<string, string>> = { float: 'float32', double: 'float64', string: 'str' };
const ONNX = '1.19.1';
const RUNTIME = '1.23.2';
const PYTHON = '3.11';
