import type { Graph } from './graph.ts';
import { node } from './model.ts';

/** Clip to [-limit, limit]. */
export function clip(graph: Graph, input: string, limit: number): string {
  const output = graph.fresh('clipped');
  const low = graph.constant('low', [], [-limit]);
  const high = graph.constant('high', [], [limit]);
  graph.nodes.push(node({ operator: 'Clip', inputs: [input, low, high], output }));
  return output;
}
