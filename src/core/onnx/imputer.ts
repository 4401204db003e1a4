import type { Graph } from './graph.ts';
import { floatAttribute, floatsAttribute, ML_DOMAIN, node } from './model.ts';

/** ai.onnx.ml.Imputer: NaN becomes `fill`. */
export function imputer(graph: Graph, input: string, fill: number): string {
  const output = graph.fresh('imputed');
  graph.nodes.push(
    node({
      operator: 'Imputer',
      domain: ML_DOMAIN,
      inputs: [input],
      output,
      attributes: [
        floatsAttribute('imputed_value_floats', [fill]),
        floatAttribute('replaced_value_float', Number.NaN),
      ],
    }),
  );
  return output;
}
