import { DriftwatchError } from '../../errors.ts';
import { designWidth, type Inputs } from '../models/design-matrix.ts';
import type { CategoricalInput, Codes, Model, NumericInput } from '../models/model.ts';
import { BOUND } from '../models/standardise.ts';
import { calibration } from './calibration.ts';
import { clip } from './clip.ts';
import { concat } from './concat.ts';
import { emptyGraph, type Graph } from './graph.ts';
import { hashedColumns } from './hashed-columns.ts';
import { imputer } from './imputer.ts';
import { isMissing } from './is-missing.ts';
import { labelEncoderToFloat, labelEncoderToInteger } from './label-encoder.ts';
import { linearRegressor } from './linear-regressor.ts';
import { column, FLOAT, INT64, integerAttribute, modelFile, node, STRING } from './model.ts';
import { oneHotEncoder } from './one-hot-encoder.ts';
import { scaler } from './scaler.ts';
import { timeFeatures } from './time-features.ts';
import { treeEnsemble } from './tree-ensemble.ts';

/** P(label = 1) from which the output `label` is 1. */
const THRESHOLD = 0.5;

/**
 * The model as an ONNX file, preprocessing included. One input per feature, named as the feature, of
 * shape [N, 1]: float for numeric (NaN is missing), string for categorical ('' is missing).
 * Classification answers `probability` (float [N, 1], P(label = 1)) and `label` (int64 [N, 1]), regression
 * `prediction`, multiclass `probabilities` (float [N, classes]) and `label`. The same model gives the same bytes.
 * Throws INVARIANT_BROKEN for names that would collide.
 */
export function exportOnnx(model: Model): Uint8Array {
  checkNames(model, OUTPUTS[model.task]);
  const graph = emptyGraph();
  const columns = features(graph, model);
  return file(graph, model, answer(graph, model, scoreOf(graph, columns, model.estimator)));
}

/** The preprocessing alone: the estimator's columns as one output `features` (float [N, columns]). */
export function exportFeatures(inputs: Inputs): Uint8Array {
  checkNames(inputs, ['features']);
  const graph = emptyGraph();
  graph.nodes.push(node({ operator: 'Identity', inputs: [features(graph, inputs)], output: 'features' }));
  return file(graph, inputs, [column('features', FLOAT, designWidth(inputs))]);
}

const OUTPUTS: Readonly<Record<Model['task'], readonly string[]>> = {
  classification: ['probability', 'label'],
  regression: ['prediction'],
  multiclass: ['probabilities', 'label'],
};

function file(graph: Graph, inputs: Inputs, outputs: readonly Uint8Array[]): Uint8Array {
  return modelFile({
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: [
      ...inputs.numeric.map((input) => column(input.name, FLOAT)),
      ...inputs.categorical.map((input) => column(input.name, STRING)),
    ],
    outputs,
    microsoft: inputs.categorical.some(({ treatment }) => treatment === 'hashed'),
  });
}

function features(graph: Graph, inputs: Inputs): string {
  return concat(graph, [
    ...inputs.numeric.flatMap((input) => numericColumns(graph, input)),
    ...inputs.categorical.map((input) => categoricalColumns(graph, input)),
  ]);
}

function scoreOf(graph: Graph, columns: string, estimator: Model['estimator']): string {
  if (estimator.kind === 'linear') return linearRegressor(graph, columns, estimator);
  return treeEnsemble(graph, columns, estimator.kind === 'trees' ? [estimator] : estimator.classes);
}

function numericColumns(graph: Graph, input: NumericInput): string[] {
  if (input.treatment === 'as-is') return [input.name];
  if (input.treatment === 'time') return timeFeatures(graph, input.name, input.form);
  const filled = imputer(graph, input.name, input.fill);
  const scaled = scaler(graph, clip(graph, filled, BOUND), input.mean, input.scale);
  const value = clip(graph, scaled, input.limit);
  return input.missingColumn ? [value, isMissing(graph, input.name)] : [value];
}

function categoricalColumns(graph: Graph, input: CategoricalInput): string {
  if (input.treatment === 'codes') return codes(graph, input.name, input);
  if (input.treatment === 'class-codes') {
    return concat(
      graph,
      input.classes.map((of) => codes(graph, input.name, of)),
    );
  }
  if (input.treatment === 'hashed') return hashedColumns(graph, input.name, input.buckets);
  const other = input.categories.length;
  const slot = labelEncoderToInteger(graph, input.name, {
    keys: [...input.categories, ''],
    values: [...input.categories.keys(), other + 1],
    otherwise: other,
  });
  return oneHotEncoder(graph, slot, other + 2);
}

function codes(graph: Graph, name: string, of: Omit<Codes, 'treatment' | 'name'>): string {
  return labelEncoderToFloat(graph, name, {
    keys: [...of.categories, ''],
    values: [...of.codes, of.missing],
    otherwise: of.unseen,
  });
}

function answer(graph: Graph, model: Model, score: string): Uint8Array[] {
  if (model.task === 'regression') {
    graph.nodes.push(node({ operator: 'Identity', inputs: [score], output: 'prediction' }));
    return [column('prediction', FLOAT)];
  }
  if (model.estimator.kind === 'class-trees') {
    const axis = integerAttribute('axis', 1);
    graph.nodes.push(
      node({ operator: 'Softmax', inputs: [score], output: 'probabilities', attributes: [axis] }),
      node({ operator: 'ArgMax', inputs: ['probabilities'], output: 'label', attributes: [axis] }),
    );
    return [column('probabilities', FLOAT, model.estimator.classes.length), column('label', INT64)];
  }
  calibration(graph, score, model.calibration, 'probability');
  const above = graph.fresh('above_threshold');
  graph.nodes.push(
    node({
      operator: 'GreaterOrEqual',
      inputs: ['probability', graph.constant('threshold', [], [THRESHOLD])],
      output: above,
    }),
    node({
      operator: 'Cast',
      inputs: [above],
      output: 'label',
      attributes: [integerAttribute('to', INT64)],
    }),
  );
  return [column('probability', FLOAT), column('label', INT64)];
}

function checkNames(inputs: Inputs, outputs: readonly string[]): void {
  const taken = new Set(outputs);
  for (const { name } of [...inputs.numeric, ...inputs.categorical]) {
    if (!taken.has(name) && name !== '' && !name.startsWith('_')) {
      taken.add(name);
      continue;
    }
    throw new DriftwatchError({
      code: 'INVARIANT_BROKEN',
      message: `A feature cannot be called "${name}": the name is taken in the exported graph.`,
      next: 'Give every feature a name of its own that is not an output and does not start with "_".',
    });
  }
}
