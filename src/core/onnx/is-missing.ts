import type { Graph } from './graph.ts';
import { FLOAT, integerAttribute, node } from './model.ts';

/** IsNaN as a float column: 1 where the value is missing. */
export function isMissing(graph: Graph, input: string): string {
  const flag = graph.fresh('is_nan');
  const output = graph.fresh('missing');
  graph.nodes.push(
    node({ operator: 'IsNaN', inputs: [input], output: flag }),
    node({ operator: 'Cast', inputs: [flag], output, attributes: [integerAttribute('to', FLOAT)] }),
  );
  return output;
}
