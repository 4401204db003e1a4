import { DriftwatchError } from '../../errors.ts';
import type { CategoricalInput, Model, NumericInput } from '../models/model.ts';
import { BOUND } from '../models/standardise.ts';
import { calibration } from './calibration.ts';
import { clip } from './clip.ts';
import { concat } from './concat.ts';
import { emptyGraph, type Graph } from './graph.ts';
import { imputer } from './imputer.ts';
import { isMissing } from './is-missing.ts';
import { labelEncoderToFloat, labelEncoderToInteger } from './label-encoder.ts';
import { linearRegressor } from './linear-regressor.ts';
import { column, FLOAT, INT64, integerAttribute, modelFile, node, STRING } from './model.ts';
import { oneHotEncoder } from './one-hot-encoder.ts';
import { scaler } from './scaler.ts';
import { treeEnsemble } from './tree-ensemble.ts';

/** P(label = 1) from which the output `label` is 1. */
const THRESHOLD = 0.5;

/**
 * The model as an ONNX file, preprocessing included. One input per feature, named as the feature, of
 * shape [N, 1]: float for numeric (NaN is missing), string for categorical ('' is missing).
 * Classification answers `probability` (float [N, 1], P(label = 1)) and `label` (int64 [N, 1]), regression
 * `prediction`. The same model gives the same bytes. Throws INVARIANT_BROKEN for names that would collide.
 */
export function exportOnnx(model: Model): Uint8Array {
  checkNames(model);
  const graph = emptyGraph();
  const columns = concat(graph, [
    ...model.numeric.flatMap((input) => numericColumns(graph, input)),
    ...model.categorical.map((input) => categoricalColumns(graph, input)),
  ]);
  const score =
    model.estimator.kind === 'linear'
      ? linearRegressor(graph, columns, model.estimator)
      : treeEnsemble(graph, columns, model.estimator);
  const outputs = answer(graph, model, score);
  return modelFile({
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: [
      ...model.numeric.map((input) => column(input.name, FLOAT)),
      ...model.categorical.map((input) => column(input.name, STRING)),
    ],
    outputs,
  });
}

function numericColumns(graph: Graph, input: NumericInput): string[] {
  if (input.treatment === 'as-is') return [input.name];
  const filled = imputer(graph, input.name, input.fill);
  const scaled = scaler(graph, clip(graph, filled, BOUND), input.mean, input.scale);
  const value = clip(graph, scaled, input.limit);
  return input.missingColumn ? [value, isMissing(graph, input.name)] : [value];
}

function categoricalColumns(graph: Graph, input: CategoricalInput): string {
  if (input.treatment === 'codes') {
    return labelEncoderToFloat(graph, input.name, {
      keys: [...input.categories, ''],
      values: [...input.codes, input.missing],
      otherwise: input.unseen,
    });
  }
  const other = input.categories.length;
  const slot = labelEncoderToInteger(graph, input.name, {
    keys: [...input.categories, ''],
    values: [...input.categories.keys(), other + 1],
    otherwise: other,
  });
  return oneHotEncoder(graph, slot, other + 2);
}

function answer(graph: Graph, model: Model, score: string): Uint8Array[] {
  if (model.task === 'regression') {
    graph.nodes.push(node({ operator: 'Identity', inputs: [score], output: 'prediction' }));
    return [column('prediction', FLOAT)];
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

function checkNames(model: Model): void {
  const taken = new Set(model.task === 'regression' ? ['prediction'] : ['probability', 'label']);
  for (const { name } of [...model.numeric, ...model.categorical]) {
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
