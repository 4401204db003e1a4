import type { Graph } from './graph.ts';
import { integerAttribute, integersAttribute, ML_DOMAIN, node } from './model.ts';

/** ai.onnx.ml.OneHotEncoder from int64 [N, 1] to float [N, slots]; the runtime's [N, 1, slots] is flattened. */
export function oneHotEncoder(graph: Graph, input: string, slots: number): string {
  const hot = graph.fresh('hot');
  const output = graph.fresh('one_hot');
  graph.nodes.push(
    node({
      operator: 'OneHotEncoder',
      domain: ML_DOMAIN,
      inputs: [input],
      output: hot,
      attributes: [
        integersAttribute(
          'cats_int64s',
          Array.from({ length: slots }, (_, slot) => slot),
        ),
        integerAttribute('zeros', 1),
      ],
    }),
    node({ operator: 'Flatten', inputs: [hot], output, attributes: [integerAttribute('axis', 1)] }),
  );
  return output;
}
