import type { Graph } from './graph.ts';
import { floatsAttribute, ML_DOMAIN, node } from './model.ts';

/** ai.onnx.ml.Scaler: (x - offset) * scale. */
export function scaler(graph: Graph, input: string, offset: number, scale: number): string {
  const output = graph.fresh('scaled');
  graph.nodes.push(
    node({
      operator: 'Scaler',
      domain: ML_DOMAIN,
      inputs: [input],
      output,
      attributes: [floatsAttribute('offset', [offset]), floatsAttribute('scale', [scale])],
    }),
  );
  return output;
}
