import type { Graph } from './graph.ts';
import { integerAttribute, node } from './model.ts';

/** Concat of columns side by side. */
export function concat(graph: Graph, inputs: readonly string[]): string {
  const output = graph.fresh('columns');
  graph.nodes.push(node({ operator: 'Concat', inputs, output, attributes: [integerAttribute('axis', 1)] }));
  return output;
}
