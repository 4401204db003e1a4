import type { Calibration } from '../models/model.ts';
import type { Graph } from './graph.ts';
import { node } from './model.ts';

/** From the score to the graph's output `probability`. */
export function calibration(graph: Graph, score: string, method: Calibration, output: string): void {
  if (method.method === 'none') {
    graph.nodes.push(node({ operator: 'Sigmoid', inputs: [score], output }));
  } else if (method.method === 'platt') {
    const scaled = graph.fresh('scaled_score');
    const shifted = graph.fresh('shifted_score');
    const slope = graph.constant('slope', [], [method.slope]);
    const intercept = graph.constant('intercept', [], [method.intercept]);
    graph.nodes.push(
      node({ operator: 'Mul', inputs: [score, slope], output: scaled }),
      node({ operator: 'Add', inputs: [scaled, intercept], output: shifted }),
      node({ operator: 'Sigmoid', inputs: [shifted], output }),
    );
  } else isotonic(graph, score, method, output);
}

/**
 * A piecewise straight line: the first probability plus, for every piece, its slope times how far the score
 * has gone into it. A single knot is a piece of slope 0.
 */
function isotonic(
  graph: Graph,
  score: string,
  line: Extract<Calibration, { method: 'isotonic' }>,
  output: string,
): void {
  const starts = line.scores.length < 2 ? [line.scores[0] ?? 0] : line.scores.slice(0, -1);
  const lengths = starts.map((start, at) => (line.scores[at + 1] ?? start + 1) - start);
  const first = line.probabilities[0] ?? 0.5;
  const slopes = starts.map(
    (_, at) =>
      ((line.probabilities[at + 1] ?? first) - (line.probabilities[at] ?? first)) / (lengths[at] ?? 1),
  );
  const pieces = starts.length;
  const into = graph.fresh('into_piece');
  const positive = graph.fresh('positive_part');
  const within = graph.fresh('within_piece');
  const rise = graph.fresh('rise');
  graph.nodes.push(
    node({ operator: 'Sub', inputs: [score, graph.constant('starts', [1, pieces], starts)], output: into }),
    node({ operator: 'Max', inputs: [into, graph.constant('zero', [], [0])], output: positive }),
    node({
      operator: 'Min',
      inputs: [positive, graph.constant('lengths', [1, pieces], lengths)],
      output: within,
    }),
    node({
      operator: 'MatMul',
      inputs: [within, graph.constant('slopes', [pieces, 1], slopes)],
      output: rise,
    }),
    node({ operator: 'Add', inputs: [rise, graph.constant('first', [], [first])], output }),
  );
}
